import EventModel
import ReadModels

/// Where generations of read models are registered, built beside the active one, compared with it and exchanged.
///
/// Whoever changes anything holds a lease, whose token is compared in the transaction of the change: a rebuild that was paused for longer
/// than its lease cannot come back and write.
public protocol GenerationStore: Sendable {
    /// Every generation, by projection and number.
    func generations() async throws(StoreError) -> [Generation]

    /// A generation that is being built by the projection's version of the fold: the one that a rebuild has left, else a new one with an
    /// empty table without indexes.
    ///
    /// - Parameters:
    ///   - fingerprint: of the fold, which is kept; `nil` when nobody asks.
    ///   - layout: of a new one; one that a rebuild has left keeps its own.
    /// - Throws: ``GenerationFlaw/otherVersion(_:)`` and ``GenerationFlaw/otherFold(_:_:)`` when another fold's is being built;
    ///   ``StoreError``.
    func begin(
        _ projection: any Projection, fingerprint: ProjectionFingerprint?, layout: LaneLayout, under lease: Lease
    ) async throws -> Generation

    /// A new generation, whole, with the rows and the layout of the active one and these changes, where it stands; all or nothing.
    ///
    /// - Parameter changes: is told where the active generation stands, which cannot move meanwhile, and the table; rows to put in the place of
    ///   those with the same keys, and keys of rows that are to go.
    /// - Throws: what `changes` throws; ``GenerationFlaw``; ``StoreError``.
    func derive(
        _ projection: any Projection, from active: Generation, fingerprint: ProjectionFingerprint?, under lease: Lease,
        changes: @escaping @Sendable (Frontier, TableDefinition) async throws -> RowChanges
    ) async throws -> Generation

    /// The fingerprint of the fold that has filled a generation; `nil` when nobody has kept it yet.
    func fingerprint(of generation: Generation) async throws(StoreError) -> ProjectionFingerprint?

    /// Keeps the fingerprint of the fold that fills a generation.
    func sign(_ generation: Generation, _ fingerprint: ProjectionFingerprint) async throws(StoreError)

    /// Rows in the form in which ``load(into:from:under:next:)`` takes them. Costs processor time only.
    func prepare(_ rows: [Row], for table: TableDefinition) -> PreparedRows

    /// Adds rows to a generation that is being built and moves its checkpoints, in one transaction.
    ///
    /// - Parameters:
    ///   - previous: where the checkpoints stand, all at the same position.
    ///   - next: the next rows; at last where the checkpoints go.
    /// - Throws: what `next` throws, ``StoreError``. Then nothing was stored, unless the outcome is unknown.
    func load(
        into generation: ProjectionGeneration, from previous: GlobalPosition, under lease: Lease,
        next: @escaping @Sendable () async throws -> LoadStep
    ) async throws -> ApplyAnswer

    /// Gives a generation's table its key and its indexes, unless it has them.
    func index(_ generation: ProjectionGeneration, under lease: Lease) async throws(StoreError)

    /// A generation that was being built is whole.
    func finish(_ generation: Generation, under lease: Lease) async throws(StoreError)

    /// Gives a generation up that readers do not see, with its table and its checkpoint.
    func retire(_ generation: Generation, under lease: Lease) async throws(StoreError)

    /// Gives up the previous generation of a projection if its time is over.
    ///
    /// - Returns: what was given up.
    func retireExpired(of projection: String, under lease: Lease) async throws(StoreError) -> [Generation]

    /// Compares two generations, in the columns that both tables have, at the same frontier: while the active one cannot move, `align` brings the other one to it; then both are
    /// seen as they are at that moment, and the active one moves on.
    ///
    /// - Parameters:
    ///   - limit: how many differing rows are told.
    ///   - align: follows the log into the shadow up to where the active one stands.
    /// - Throws: what `align` throws, ``StoreError``.
    func compare(
        _ shadow: ProjectionGeneration, with active: Generation, limit: ComparisonLimit,
        align: @escaping @Sendable (Frontier) async throws -> Void
    ) async throws -> GenerationComparison

    /// Shows `generation` to readers in the place of the active one, which is kept until then. Readers never go back in time: while the
    /// active one cannot move, `align` brings the other one to it.
    ///
    /// - Throws: what `align` throws; ``GenerationFlaw``; ``StoreError``.
    func activate(
        _ generation: ProjectionGeneration, keepingFor duration: Duration, under lease: Lease,
        align: @escaping @Sendable (Frontier) async throws -> Void
    ) async throws

    /// Keeps the report of a comparison beside the generation that it is about.
    func record(_ report: GenerationReport, of generation: Generation, under lease: Lease) async throws(StoreError)

    /// The report that was kept last.
    func report(of generation: Generation) async throws(StoreError) -> GenerationReport?
}

/// What ``GenerationStore/load(into:from:under:next:)`` is given.
public enum LoadStep: Sendable {
    /// Rows whose keys are new to the table.
    case rows(PreparedRows)
    /// No more of them. Rows that the table may hold already are changed, and the checkpoints move, with what is parked.
    case end(RowChanges, moving: [CheckpointMove])
}

/// Rows in the form in which a store takes them.
public struct PreparedRows: Sendable {
    /// How many.
    public var count: Int
    /// As the store writes them; empty for stores that take them as they are.
    public var bytes: [UInt8]
    /// As they are; empty for stores that take bytes.
    public var rows: [Row]

    /// Prepared rows.
    public init(count: Int, bytes: [UInt8] = [], rows: [Row] = []) {
        self.count = count
        self.bytes = bytes
        self.rows = rows
    }
}

/// How many differing rows a comparison tells.
public struct ComparisonLimit: Sendable, Hashable {
    /// With everything that is in them.
    public var rows: Int
    /// By their keys alone, beside these: enough to find out why they differ.
    public var keys: Int

    /// A limit by its parts.
    public init(rows: Int, keys: Int) {
        self.rows = rows
        self.keys = keys
    }
}

/// Two generations at one moment.
public struct GenerationComparison: Sendable, Hashable {
    /// A row that is not the same in both.
    public struct Difference: Sendable, Hashable {
        /// Whose row.
        public var key: RowKey
        /// As readers see it; `nil` when they see none.
        public var active: Row?
        /// As the shadow has it; `nil` when it has none.
        public var shadow: Row?

        /// A difference by its parts.
        public init(key: RowKey, active: Row?, shadow: Row?) {
            self.key = key
            self.active = active
            self.shadow = shadow
        }
    }

    /// The table of the active generation as it is, which another version of the fold may have shaped.
    public var activeTable: TableDefinition
    /// Where the active generation stood.
    public var active: Frontier
    /// Where the shadow stood: beyond it where the active one stands still.
    public var shadow: Frontier
    /// Rows of the active generation.
    public var activeRows: Int64
    /// Rows of the shadow.
    public var shadowRows: Int64
    /// Rows that only one of them has, or that differ in a column that both have. When their keys are not made of the same columns, rows
    /// cannot be told apart, so all of both.
    public var differing: Int64
    /// The first of them, by key.
    public var differences: [Difference]
    /// The keys of others, in any order.
    public var otherKeys: [RowKey]

    /// A comparison by its parts.
    public init(
        activeTable: TableDefinition, active: Frontier, shadow: Frontier, activeRows: Int64, shadowRows: Int64,
        differing: Int64, differences: [Difference], otherKeys: [RowKey] = []
    ) {
        self.activeTable = activeTable
        self.active = active
        self.shadow = shadow
        self.activeRows = activeRows
        self.shadowRows = shadowRows
        self.differing = differing
        self.differences = differences
        self.otherKeys = otherKeys
    }
}

/// What was said of a generation, as JSON, and the digest of these bytes.
public struct GenerationReport: Sendable, Hashable {
    /// Canonical JSON.
    public var text: [UInt8]
    /// SHA-256 of `text`.
    public var digest: ContentDigest { ContentDigest(of: text) }

    /// A report.
    public init(text: [UInt8]) { self.text = text }
}

/// Why a generation cannot be begun or exchanged.
public enum GenerationFlaw: Error, Sendable, Hashable {
    /// No such projection is registered.
    case unknownProjection(String)
    /// Another version of the fold is being built already.
    case otherVersion(Generation)
    /// Another fold of the same version is building it.
    case otherFold(Generation, [FingerprintDifference])
    /// The generation is not in a state in which this can be done.
    case wrongState(Generation)
    /// The view cannot take the new columns, because something else in the database depends on it.
    case viewInUse(name: String, reason: String)
    /// Readers kept the view busy for longer than others can wait.
    case viewBusy(name: String)
    /// There are no rows that could be kept.
    case nothingProjected(String)
    /// Nothing says how readers saw that generation.
    case viewUnknown(Generation)
}

extension GenerationFlaw: CustomStringConvertible {
    /// One sentence: what is in the way, and what to do.
    public var description: String {
        switch self {
        case .unknownProjection(let name):
            "no generation of \(name) is registered in this database; run `lockstep migrate up`"
        case .otherVersion(let generation):
            "\(generation.title) is being built; finish it with the program that began it, or give it up with "
                + "`lockstep projections rebuild \(generation.projection) --anew`"
        case .otherFold(let generation, let differences):
            "\(generation.title) is being built by another fold of the same version (\(differences.sentence)); finish it with the program "
                + "that began it, or give it up with `lockstep projections rebuild \(generation.projection) --anew`"
        case .wrongState(let generation): "\(generation.title) is \(generation.state.rawValue)"
        case .viewInUse(let name, let reason):
            "lockstep_views.\(name) cannot take the new columns, \(reason); drop what depends on it, activate, and create it again"
        case .viewBusy(let name):
            "somebody has been reading lockstep_views.\(name) in one transaction for longer than other readers can wait; try again, or end "
                + "that transaction (see pg_stat_activity)"
        case .nothingProjected(let name):
            "nothing was ever projected into \(name), so there is nothing of which a part could be made anew; run `lockstep serve`, or rebuild all "
                + "of it"
        case .viewUnknown(let generation):
            "\(generation.title) was made by another version of the fold, and how readers saw it was not kept: return to it with the program "
                + "that made it"
        }
    }
}

extension Generation {
    /// Whether a fold may go on with what another run has left.
    ///
    /// - Parameters:
    ///   - own: of the fold; `nil` when nobody asks.
    ///   - stored: of the fold that has begun it.
    /// - Throws: ``GenerationFlaw/otherVersion(_:)``, ``GenerationFlaw/otherFold(_:_:)``.
    public func check(
        version: Int, _ own: ProjectionFingerprint?, stored: ProjectionFingerprint?
    ) throws(GenerationFlaw) {
        guard self.version == version else { throw .otherVersion(self) }
        guard let own, let stored else { return }
        let differences = own.differences(from: stored)
        guard differences.isEmpty else { throw .otherFold(self, differences) }
    }
}

extension [FingerprintDifference] {
    /// All of them as a part of a sentence.
    public var sentence: String { map(\.description).joined(separator: "; ") }
}
