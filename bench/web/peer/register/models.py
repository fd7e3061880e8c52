"""The peer's tables: what its two pages show."""

from django.db import models


class Household(models.Model):
    household_no = models.CharField(max_length=20, unique=True)
    area_code = models.CharField(max_length=12, db_index=True)
    village = models.CharField(max_length=40)
    head = models.CharField(max_length=40)
    member_count = models.IntegerField()
    cause = models.CharField(max_length=20)
    income_per_head_fen = models.BigIntegerField()
    exited = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["area_code", "household_no"])]

    @property
    def income_per_head(self):
        return f"{self.income_per_head_fen / 100:,.2f}"


class Person(models.Model):
    household = models.ForeignKey(Household, on_delete=models.CASCADE)
    person_no = models.CharField(max_length=22)
    name = models.CharField(max_length=40)
    relation = models.CharField(max_length=20)
    sex = models.CharField(max_length=2)
    born_on = models.DateField()
    education = models.CharField(max_length=20)
    health = models.CharField(max_length=20)
    labour = models.CharField(max_length=20)


class IncomeItem(models.Model):
    household = models.ForeignKey(Household, on_delete=models.CASCADE)
    item = models.CharField(max_length=20)
    amount_fen = models.BigIntegerField()

    @property
    def amount(self):
        return f"{self.amount_fen / 100:,.2f}"
