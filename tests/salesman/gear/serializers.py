"""What Salesman keeps of a product in an order."""

from rest_framework.serializers import ModelSerializer

from tests.salesman.gear.models import Guitar, Pedal


class GuitarSerializer(ModelSerializer):
    class Meta:
        model = Guitar
        fields = ("name", "code")


class PedalSerializer(ModelSerializer):
    class Meta:
        model = Pedal
        fields = ("name", "code")
