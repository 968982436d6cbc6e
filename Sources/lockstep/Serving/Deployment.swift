/// Everything that a serving process is told.
struct Deployment: Sendable {
    let database: DatabaseSettings
    /// `nil` when nothing is published by this process.
    let kafka: KafkaSettings?
    /// `nil` when no Parlant server is followed by this process.
    let parlant: ParlantServerSettings?
    let serve: ServeSettings
    let publisher: PublisherSettings
    let projection: ProjectionSettings
    let ingest: IngestSettings
}
