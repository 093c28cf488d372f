"""When something is wrong: checks that name the cause, and a bundle that support can open."""
