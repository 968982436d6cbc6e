/// What the folds of a program do, by projection: what tells whether the rows of a generation are of this program's make.
public struct FoldFingerprints: Sendable {
    private let known: [String: ProjectionFingerprint]

    /// Nobody asks.
    public static let none = FoldFingerprints(of: [], samples: [])

    /// The fingerprints of these projections over the registered samples; see ``ProjectionFingerprint/init(of:samples:)``.
    public init(of projections: [any Projection], samples: [FoldSample]) {
        known = Dictionary(
            projections.map { ($0.name, ProjectionFingerprint(of: $0, samples: samples)) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The fingerprint of a projection, by name; `nil` when nobody asks.
    public subscript(projection: String) -> ProjectionFingerprint? { known[projection] }
}
