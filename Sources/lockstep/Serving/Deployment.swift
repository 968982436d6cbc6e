/// Everything that a serving process is told.
struct Deployment: Sendable {
    let database: DatabaseSettings
    /// `nil` when nothing is published by this process.
    let kafka: KafkaSettings?
    /// The lanes of the log, also where this process has nothing to do with a broker: by them rows are kept that count across keys.
    let lanes: Int
    /// `nil` when no Parlant server is followed by this process.
    let parlant: ParlantServerSettings?
    /// The Parlant server whose conversations are moved; `nil` when none is named, or this process does not reconcile.
    let parlantForEffects: ParlantServerSettings?
    /// The Sim server whose runs are resumed and cancelled, likewise.
    let sim: SimServerSettings?
    let reconciler: ReconcilerSettings
    let serve: ServeSettings
    let publisher: PublisherSettings
    let projection: ProjectionSettings
    let ingest: IngestSettings
    let operations: OperationsSettings
}
