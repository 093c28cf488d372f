"""ENGINE: deciding is pure (values in, a decision out), acting is small."""
