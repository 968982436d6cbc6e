"""The bounds that this module keeps, in one place."""

BODY_BYTES = 8 * 1024 * 1024
NODES = 5_000
EDGES = 20_000
ID_CHARACTERS = 200
TEXT_CHARACTERS = 20_000
TITLE_CHARACTERS = 100
CONDITIONS = 100
LABELS_AND_TAGS = 200
LABEL_CHARACTERS = 500
TOOLS_PER_NODE = 50
# Follow-ups of one node, after passing through nodes where nothing is done: a chain of forks could multiply them without bound.
FOLLOW_UPS_PER_NODE = 500
PROBLEMS_REPORTED = 100
PATH_ENTRIES = 10_000
STATES_SHOWN = 20
STATES_SHOWN_AT_MOST = 1_000
SETTLE_SECONDS = 20.0
