"""What the Salesman shop of the tests sells: Salesman has no catalogue of its own."""
