import EventModel
import EventSourcing

/// How a snapshot, or one that was found not to agree, is shown.
struct SnapshotRow: Sendable {
    private let key: SnapshotKey
    private let mark: SnapshotMark
    private let entry: SnapshotEntry?
    private let foundAt: Timestamp?
    private let state: String
    /// Whether somebody has to look at it.
    let isBad: Bool

    /// One that is there.
    init(_ entry: SnapshotEntry) { self.init(entry, state: "kept", isBad: false) }

    /// One that was checked.
    init(_ entry: SnapshotEntry, _ verdict: SnapshotVerdict) {
        switch verdict {
        case .agrees: self.init(entry, state: "agrees", isBad: false)
        case .differs: self.init(entry, state: "differs", isBad: true)
        case .useless(let flaw): self.init(entry, state: flaw.rawValue, isBad: flaw == .damaged)
        case .unknown: self.init(entry, state: "unknown", isBad: true)
        }
    }

    /// One that is on record.
    init(_ mismatch: SnapshotMismatch) {
        key = mismatch.key
        mark = mismatch.mark
        entry = nil
        foundAt = mismatch.foundAt
        state = "mismatch"
        isBad = true
    }

    private init(_ entry: SnapshotEntry, state: String, isBad: Bool) {
        key = entry.key
        mark = entry.mark
        self.entry = entry
        foundAt = nil
        self.state = state
        self.isBad = isBad
    }

    /// One object with the same keys for every state, `null` where one has no meaning.
    func line() {
        Answers.object { object in
            object.member("state", state)
            object.member("workspace", key.workspace.rawValue)
            object.member("stream", key.stream.rawValue)
            object.member("fold", key.fold)
            object.member("version", mark.version.rawValue)
            object.member("position", entry?.position.rawValue)
            object.member("event_id", mark.eventID)
            object.member("fingerprint", mark.fingerprint.hexadecimal)
            object.member("bytes", entry?.bytes)
            object.member("folded_bytes", entry?.foldedBytes)
            object.member("keys", entry?.keys)
            object.member("kept_at", entry?.keptAt.description)
            object.member("confirmed_at", entry?.confirmedAt?.description)
            object.member("found_at", foundAt?.description)
        }
    }

    static func table(_ rows: [SnapshotRow]) {
        guard !rows.isEmpty else { return StandardOutput.shared.write("no snapshots") }
        let style = Style.output
        var table = Table([
            ("STATE", .left), ("WORKSPACE", .left), ("STREAM", .left), ("FOLD", .left), ("VERSION", .right),
            ("BYTES", .right), ("FROM", .right), ("SEALED", .left), ("SINCE", .left), ("CONFIRMED", .left),
        ])
        for row in rows {
            table.add([
                row.isBad ? Table.Cell(text: row.state, paint: style.bad) : Table.Cell(text: row.state),
                .init(text: row.key.workspace.rawValue), .init(text: row.key.stream.rawValue),
                .init(text: row.key.fold), .init(text: "\(row.mark.version)"),
                .init(text: row.entry.map { "\($0.bytes)" } ?? "-"),
                .init(text: row.entry.map { "\($0.foldedBytes)" } ?? "-"),
                .init(text: row.entry.map { $0.keys > 0 ? "yes" : "no" } ?? "-"),
                .init(text: (row.entry?.keptAt ?? row.foundAt)?.description ?? "-"),
                .init(text: row.entry?.confirmedAt?.description ?? "-"),
            ])
        }
        table.print()
    }
}
