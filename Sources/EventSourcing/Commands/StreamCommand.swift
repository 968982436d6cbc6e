import EventModel
import FoundationEssentials

/// A command and the stream that it is for. An object, because it is handed from step to step.
public final class StreamCommand<D: Decider>: Sendable {
    /// The stream whose state decides.
    public let stream: StreamName
    /// What is asked.
    public let command: D.Command
    /// Who asks, when, and as part of what.
    public let context: CommandContext

    /// A command for a stream.
    public init(_ command: D.Command, to stream: StreamName, _ context: CommandContext) {
        self.stream = stream
        self.command = command
        self.context = context
    }
}

/// What is recorded beside the events of a command.
public struct CommandContext: Sendable, Hashable {
    /// The command's identity, made by whoever asks, before the first try. The ids of its events are derived from it, so a repetition with
    /// the same id and time, decided against the same version, is recognised by the log.
    public var id: UUID
    /// When the command was made; part of the ids of its events.
    public var time: Timestamp
    /// Who asks; 1 to ``AppendLimits/actorBytes`` bytes.
    public var actor: String?
    /// The conversation that it belongs to; the command's own id unless told otherwise.
    public var correlationID: UUID?
    /// The message that directly caused it.
    public var causationID: UUID?
    /// What travels beside the payloads, as a JSON object.
    public var metadata: [UInt8]
    /// When it happened, by the clock of whoever saw it; ``time`` unless told otherwise.
    public var occurredAt: Timestamp

    /// The context of a command.
    public init(
        id: UUID, time: Timestamp, actor: String? = nil, correlationID: UUID? = nil, causationID: UUID? = nil,
        metadata: [UInt8] = EventDraft.noMetadata, occurredAt: Timestamp? = nil
    ) {
        self.id = id
        self.time = time
        self.actor = actor
        self.correlationID = correlationID ?? id
        self.causationID = causationID
        self.metadata = metadata
        self.occurredAt = occurredAt ?? time
    }
}

extension CommandContext {
    /// The drafts of events that were decided against `version` of `stream`, 0 for a stream without events.
    ///
    /// The stream is part of the ids, because one command may concern several; so is the version: a decision taken anew after a lost race
    /// may say something else, and gets ids of its own.
    func drafts<Event: DomainEvent>(
        _ events: [Event], of stream: StreamName, after version: Int64
    ) -> [EventDraft] {
        let decision = TimeOrderedID.derived(from: id, name: stream.rawValue, index: Int(version), at: time)
        return events.enumerated().map { index, event in
            EventDraft(
                id: TimeOrderedID.derived(from: decision, index: index, at: time), type: event.type,
                schemaVersion: event.schemaVersion, data: event.encoded(), metadata: metadata,
                correlationID: correlationID, causationID: causationID, actor: actor, occurredAt: occurredAt)
        }
    }
}
