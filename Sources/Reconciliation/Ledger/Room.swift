import EventModel

/// What one append has room for. Everything that a look records draws from it, in the order in which it is recorded: what does not fit any more is for the
/// next look, and what would not fit into an empty one is for none.
struct Room: Equatable, Sendable {
    /// Whether something can be recorded.
    enum Fit: Equatable, Sendable {
        case now
        /// There is too little room left, and there would be enough in the beginning.
        case nextLook
        case never
    }

    private var events = LedgerLimits.events
    private var bytes = LedgerLimits.lookBytes

    /// Whether what belongs together, and is recorded at once or not at all, fits.
    func fit(_ weight: Weight) -> Fit {
        guard weight.largest <= LedgerLimits.eventBytes, weight.events <= LedgerLimits.events,
            weight.bytes <= LedgerLimits.lookBytes
        else { return .never }
        return weight.events <= events && weight.bytes <= bytes ? .now : .nextLook
    }

    /// Takes up what belongs together, if it fits.
    mutating func take(_ weight: Weight) -> Fit {
        let fit = fit(weight)
        guard fit == .now else { return fit }
        events -= weight.events
        bytes -= weight.bytes
        return .now
    }
}

extension Room.Fit {
    /// Why nothing is recorded about a field; `nil` where it is.
    var hold: Examined.Hold? {
        switch self {
        case .now: nil
        case .nextLook: .nextLook
        case .never: .tooLarge
        }
    }
}
