import EventModel
import ReadModels

/// Counts events per stream and adds up their positions. Not idempotent on purpose: an event that is applied twice, or left out, shows.
struct TallyProjection: Projection {
    let name = "tally"
    let version = 1
    let interest = EventInterest.all
    /// How it keeps its checkpoints.
    var layout = LaneLayout.whole
    let table = TableDefinition(
        name: "tally", version: 1, documentation: "Events per stream.", keyColumns: 1,
        columns: [
            .required("stream", .text, "Stream."), .required("count", .int, "Events."),
            .required("positions", .int, "Sum of their positions."),
        ])

    /// Rows that a narrow table cannot hold.
    static func isWide(_ row: Row) -> Bool {
        guard case .int(let positions) = row.values[2] else { return false }
        return positions % 9 == 4
    }

    func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey? { RowKey([.text(event.stream.rawValue)]) }

    func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? {
        var (count, positions): (Int64, Int64) = (0, 0)
        if let row, case .int(let before) = row.values[1], case .int(let sum) = row.values[2] {
            (count, positions) = (before, sum)
        }
        return Row([
            .text(event.stream.rawValue), .int(count + 1), .int(positions + event.position.rawValue),
        ])
    }
}
