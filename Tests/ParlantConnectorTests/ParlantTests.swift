import Testing

/// What holds at the real server. One scenario after the other: they share one language model and its script.
@Suite("Parlant", .serialized) struct ParlantTests {}
