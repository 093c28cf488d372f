"""Ready shops, to be imported one by one: ``csv_shop`` reads a product file. The core of the package needs none."""
