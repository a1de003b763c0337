"""Publishing the supply list: what people can get, complete or not at all."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from baogong.common.actors import Actor
from baogong.common.errors import RuleBroken
from baogong.common.events import record
from baogong.places.models import Subdistrict
from baogong.supply.models import Offer, SupplyList, SupplyListItem

# Categories of things that nobody eats; of everything else, origin or date of production must be known.
NOT_FOOD = ("日用", "清洁", "洗护", "纸", "卫生", "防护", "防疫", "消毒", "药", "器械", "household", "hygiene", "medic")
# A package is bought unseen, so each thing in it must be named.
PACKAGE_WORDS = re.compile(r"套餐|礼包|蔬菜包|组合|套装|\b(package|bundle)s?\b", re.IGNORECASE)

FIELD_NAMES = {
    "name": gettext_lazy("name"),
    "spec": gettext_lazy("specification"),
    "unit": gettext_lazy("unit"),
    "price": gettext_lazy("price"),
    "cap_per_household": gettext_lazy("cap per household"),
    "origin": gettext_lazy("origin or date of production"),
    "contents": gettext_lazy("contents of the package"),
}


class NotPublishable(RuleBroken):
    """An item lacks something that people must know; `facts["missing"]` lists sku and fields of each."""

    code = "not_publishable"


@transaction.atomic
def publish_list(offer_ids: Sequence[UUID] | None = None, note: str = "", *, actor: Actor, now: datetime) -> SupplyList:
    """Publish offers in the given order as the next supply list, or (None) all that are not withdrawn.

    Each line is kept as it is now: later changes of the offer do not reach it. Raises NotPublishable.
    """
    subdistrict = Subdistrict.objects.select_for_update(no_key=True).get(pk=actor.subdistrict_id)
    offers = _offers(subdistrict.pk, offer_ids)
    _refuse_incomplete(offers)
    last = SupplyList.objects.within(subdistrict.pk).aggregate(last=Max("number"))["last"] or 0
    published = SupplyList.objects.create(
        subdistrict_id=subdistrict.pk,
        number=last + 1,
        published_at=now,
        published_by=actor.account_id,
        note=note.strip(),
    )
    items = [_item(published, offer, position) for position, offer in enumerate(offers, 1)]
    SupplyListItem.objects.bulk_create(items, batch_size=500)
    record("supply.list_published", published.pk, actor=actor, now=now, number=published.number, items=len(items))
    return published


def _offers(subdistrict_id: UUID, ids: Collection[UUID] | None) -> list[Offer]:
    mine = Offer.objects.within(subdistrict_id).filter(withdrawn_at=None).select_related("supplier")
    if ids is None:
        return list(mine.order_by("category", "name", "sku"))
    found = mine.in_bulk(list(ids))
    if len(found) < len(set(ids)):
        raise NotPublishable(_("One of the offers does not exist or was withdrawn"), missing=[])
    return [found[offer_id] for offer_id in dict.fromkeys(ids)]


def _refuse_incomplete(offers: Sequence[Offer]) -> None:
    if not offers:
        raise NotPublishable(_("There is no offer to publish"), missing=[])
    missing = [(offer, fields) for offer in offers if (fields := missing_fields(offer))]
    if missing:
        offer, fields = missing[0]
        comma = pgettext("between fields", ", ")
        facts = {"name": offer.name or offer.sku, "fields": comma.join(str(FIELD_NAMES[field]) for field in fields)}
        text = _("%(name)s cannot be published yet: missing %(fields)s") % facts
        each = [{"offer": str(offer.pk), "sku": offer.sku, "fields": fields} for offer, fields in missing]
        raise NotPublishable(text, missing=each)


def missing_fields(offer: Offer) -> list[str]:
    """What an offer lacks to be published: keys of FIELD_NAMES."""
    needed = {
        "name": offer.name.strip(),
        "spec": offer.spec.strip(),
        "unit": offer.unit.strip(),
        "price": offer.price_fen,
        "cap_per_household": offer.cap_per_household,
        "origin": not is_food(offer) or offer.origin.strip() or offer.produced_on,
        "contents": not is_package(offer) or offer.contents.strip(),
    }
    return [field for field, there in needed.items() if not there]


def is_food(offer: Offer) -> bool:
    category = offer.category.lower()
    return not any(word in category for word in NOT_FOOD)


def is_package(offer: Offer) -> bool:
    return PACKAGE_WORDS.search(f"{offer.category} {offer.name}") is not None


def _item(published: SupplyList, offer: Offer, position: int) -> SupplyListItem:
    return SupplyListItem(
        subdistrict_id=published.subdistrict_id,
        supply_list=published,
        offer=offer,
        name=offer.name,
        spec=offer.spec,
        unit=offer.unit,
        price_fen=offer.price_fen,
        cap_per_household=offer.cap_per_household,
        category=offer.category,
        origin=offer.origin,
        supplier_name=offer.supplier.name,
        position=position,
    )
