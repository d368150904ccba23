"""Health: what files of patients hold. Everything is invented: nobody's condition, nobody's number."""

from __future__ import annotations

from hotfixture.generators.vocabularies import vocabulary, weighted_vocabulary

blood_type = weighted_vocabulary(
    "health.blood_type",
    "health/blood_type",
    doc="A blood group with its Rhesus factor, as often as in the United States.",
    source="ABO and Rhesus groups; shares as published by blood services of the United States, in thousandths",
)
symptom = vocabulary("health.symptom", "health/symptom", doc="A symptom in plain words.")
