import EventModel
import KafkaDriver

extension RecordMark {
    /// The mark of a record; `nil` when it is not a record of a log.
    init?(_ message: KafkaMessage) {
        let headers = message.headers
        guard let position = headers.decimal(.position), let previous = headers.decimal(.previous),
            let eventID = headers.uuid(.id), let incarnation = headers.uuid(.incarnation)
        else { return nil }
        self.init(
            position: GlobalPosition(position), previous: GlobalPosition(previous), eventID: eventID,
            incarnation: incarnation)
    }
}
