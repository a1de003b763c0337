"""`baogong publish-list`: the next supply list from the command line, acting as the system."""

from __future__ import annotations

import argparse
from uuid import UUID

from django.utils.translation import gettext as _

from baogong.common.actors import system
from baogong.common.clock import now
from baogong.supply import queries, services


def publish_list(options: argparse.Namespace, *, subdistrict_id: UUID) -> int:
    """Publish everything that is not withdrawn, or with `options.complete_only` what lacks nothing.

    Raises NotPublishable, which names the first offer and what it lacks.
    """
    offers = None
    if options.complete_only:
        offers = [offer.pk for offer, gaps in queries.offers_with_gaps(subdistrict_id) if not gaps]
    done = services.publish_list(offers, options.note, actor=system(subdistrict_id), now=now())
    facts = {"number": done.number, "items": done.items.count()}
    print(_("Supply list no. %(number)s is published; things on it: %(items)s.") % facts)
    return 0
