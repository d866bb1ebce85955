"""The EU's consolidated list of persons, groups and entities under financial sanctions.

Format: https://webgate.ec.europa.eu/fsd/fsf (export 1.1). The token in the addresses is public and the same for all.
An entry's id is the EU reference number (EU.27.28), which both forms have; where it is missing, the logical id.
"""

from sluicegate.screening.lists import eu_csv, eu_xml
from sluicegate.screening.lists.base import ListSource

SOURCE = ListSource(
    name="eu",
    title="EU consolidated list of financial sanctions",
    forms=(eu_xml.FORM, eu_csv.FORM),
    licence="reuse with attribution (Commission Decision 2011/833/EU)",
    homepage="https://data.europa.eu/data/datasets/consolidated-list-of-persons-groups-and-entities-subject-to-eu-financial-sanctions",
)
