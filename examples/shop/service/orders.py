"""What is bought."""

from .users import Record, UserProfile


def total(prices):
    return sum(prices)


class Order(Record):
    def __init__(self, buyer: UserProfile, prices: list[float]):
        self.buyer = buyer
        self.prices = prices

    def amount(self) -> float:
        return total(self.prices)

    def save(self) -> None:
        print("order of", self.buyer.name, self.amount())
        super().save()


def discounted(prices, total):
    # The parameter hides the function above: this is no call of it.
    return total(prices) * 0.9


def save_all(things):
    for thing in things:
        # An order or a profile: nobody can tell from here.
        thing.save()
