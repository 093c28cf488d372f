"""The tables of changes of stock that were made, and of Reverb's orders."""

from typing import Any

from django.db import migrations, models


class Migration(migrations.Migration):
    """Nothing of the shop's own is touched."""

    initial = True
    dependencies: list[Any] = []
    operations = [
        migrations.CreateModel(
            name="StockChange",
            fields=[
                ("key", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("sku", models.CharField(max_length=255)),
                ("added", models.IntegerField(default=0)),
                ("reason", models.CharField(max_length=255)),
                ("created_at", models.DateTimeField(auto_now_add=True, db_index=True)),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="ReverbOrder",
            fields=[
                ("order_number", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("ref", models.CharField(max_length=128, unique=True)),
                ("local_pickup", models.BooleanField(default=False)),
            ],
        ),
    ]
