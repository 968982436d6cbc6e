import EventModel
import FoundationEssentials

/// What events take of an append, as the log counts it when they are sealed: at most so much. It is found by adding up, without writing anything.
struct Weight: Equatable, Sendable {
    /// How many they are.
    private(set) var events = 0
    /// Bytes of all of them.
    private(set) var bytes = 0
    /// Bytes of the largest.
    private(set) var largest = 0

    /// What these take.
    init(_ events: some Sequence<ReconciliationEvent>) {
        for event in events {
            let size = event.storedBytes
            self.events += 1
            bytes += size
            largest = max(largest, size)
        }
    }
}

extension ReconciliationEvent {
    /// Bytes of everything in an event whose length hardly varies: ids, times, words, the names of all members, the stream, the actor.
    static let frameBytes = 4 << 10

    /// Bytes of the event in the log, sealed, at most.
    var storedBytes: Int {
        let content =
            switch self {
            case .agreed(let event): event.fields.reduce(event.parties.storedBytes) { $0 + $1.storedBytes }
            case .resolved(let receipt, let parties): receipt.storedBytes + parties.storedBytes
            case .conflictQueued(let conflict, let parties):
                conflict.finding.storedBytes + conflict.history.count * UUID.storedBytes + parties.storedBytes
            case .conflictLapsed(let event): event.field.storedBytes
            case .divergenceAccepted(let accepted, let parties): accepted.finding.storedBytes + parties.storedBytes
            case .effectRequested(let effect, let subject): effect.storedBytes + subject.writtenBytes
            case .effectUnknown(let event): event.because.writtenBytes
            case .effectStale(let event): event.because.writtenBytes
            case .ownershipTaken(let event):
                "\(event.pattern)".writtenBytes + (event.because?.writtenBytes ?? 0)
            case .effectSent, .effectConfirmed, .wentStale: 0
            }
        return Self.frameBytes + content
    }
}

// MARK: The parts of events

extension Parties {
    var storedBytes: Int {
        workflow.writtenBytes + journey.writtenBytes + (compared.mapping?.mapping.writtenBytes ?? 0)
    }
}

extension AgreedField {
    var storedBytes: Int { path.storedBytes + value.storedBytes }
}

extension Finding {
    fileprivate var storedBytes: Int {
        let actors = [workflowOrigin?.actor, journeyOrigin?.actor].reduce(0) { $0 + ($1?.writtenBytes ?? 0) }
        return path.storedBytes + base.storedBytes + workflow.storedBytes + journey.storedBytes + actors
    }
}

extension Receipt {
    fileprivate var storedBytes: Int {
        let isGiven = cause != .comparison || winner == nil
        return finding.storedBytes + (isGiven ? outcome.storedBytes : 0) + effects.count * UUID.storedBytes
            + (ruling?.policy.writtenBytes ?? 0)
    }
}

extension Effect {
    fileprivate var storedBytes: Int {
        fields.reduce(resolutions.count * UUID.storedBytes + action.storedBytes) { $0 + $1.storedBytes }
    }
}

extension Effect.Action {
    fileprivate var storedBytes: Int {
        switch self {
        case .resume(let block, let context, let input):
            block.text.writtenBytes + context.writtenBytes + input.sealedBytes
        case .enter(let journey, let state, let from):
            journey.writtenBytes + state.text.writtenBytes + (from?.text.writtenBytes ?? 0)
        case .leave(let journey, let from): journey.writtenBytes + from.text.writtenBytes
        case .tell(let told):
            JSONValue.object([
                "values": .object(told.values), "inputs": .object(told.inputs), "behind": .object(told.behind),
            ])
            .sealedBytes
        case .cancel, .close: 0
        }
    }
}

extension FieldPath {
    /// A field is plain; the way to a member of its data is sealed.
    fileprivate var storedBytes: Int {
        // In a path a slash inside of a name is written as two characters, and a tilde is.
        let field = names.prefix(root.arity).reduce(32) { $0 + $1.text.writtenBytes + $1.text.escapesInPath }
        let members = members
        guard !members.isEmpty else { return field }
        return field + SealedValue.storedBytes(sealing: members.reduce(2) { $0 + $1.text.writtenBytes + 1 })
    }
}

extension Optional where Wrapped == FieldValue {
    fileprivate var storedBytes: Int {
        guard case .content(let value)? = self else { return 0 }
        return value.sealedBytes
    }
}

extension UUID {
    /// With the quotes and the comma.
    fileprivate static let storedBytes = 39
}

// MARK: JSON

extension JSONValue {
    /// Bytes of it when it is sealed, at most.
    fileprivate var sealedBytes: Int { SealedValue.storedBytes(sealing: writtenBytes(atMost: LedgerLimits.depth)) }

    /// Bytes of it in canonical form, which data in fields has. What is nested too deep fits no event, so it weighs more than one may.
    private func writtenBytes(atMost depth: Int) -> Int {
        switch self {
        case .null, .bool: return 5
        case .number(let number): return number.lexeme.utf8.count
        case .string(let text): return text.writtenBytes
        case .array(let elements):
            guard depth > 0 else { return LedgerLimits.eventBytes }
            return elements.reduce(2) { $0 + $1.writtenBytes(atMost: depth - 1) + 1 }
        case .object(let object):
            guard depth > 0 else { return LedgerLimits.eventBytes }
            return object.members.reduce(2) {
                $0 + $1.key.writtenBytes + $1.value.writtenBytes(atMost: depth - 1) + 2
            }
        }
    }
}

extension String {
    /// Bytes of it as a text in JSON, at most: with quotes, and with what has to be escaped.
    fileprivate var writtenBytes: Int {
        count { byte in
            byte < 0x20 ? 6 : byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? 2 : 1
        } + 2
    }

    /// How much longer it is in a path.
    fileprivate var escapesInPath: Int { count { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "~") ? 1 : 0 } }

    @inline(__always)
    private func count(_ each: (UInt8) -> Int) -> Int {
        var text = self
        return text.withUTF8 { bytes in
            var count = 0
            for byte in bytes { count &+= each(byte) }
            return count
        }
    }
}
