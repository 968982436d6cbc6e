/// Why a change of a released schema is refused.
struct Objection: Error, Hashable, Comparable, CustomStringConvertible {
    /// The file, below the folder of schemas.
    let file: String
    /// Where in the event's data; empty where it is about the whole file.
    let place: String
    /// What has changed, and who cannot take it.
    let reason: String
    /// What to do instead.
    let cure: String

    /// One sentence, and what to do.
    var description: String { "\(file): \(place.isEmpty ? "" : "\(place) ")\(reason); \(cure)" }

    static func < (left: Objection, right: Objection) -> Bool {
        (left.file, left.place, left.reason) < (right.file, right.place, right.reason)
    }
}
