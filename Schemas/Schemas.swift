/// The contracts that Lockstep carries with it: SQL, JSON Schemas, demonstration workflows. The files are embedded in the binary, so that
/// a program and its schema cannot be separated.
public enum Schemas {
    /// The forward migrations of the database, in order.
    public static let migrations: [EmbeddedMigration] = [
        EmbeddedMigration(version: 1, name: "create_log", up: PackageResources.v0001_create_log_sql, down: nil),
        EmbeddedMigration(
            version: 2, name: "read_models", up: PackageResources.v0002_read_models_sql,
            down: PackageResources.v0002_read_models_down_sql),
    ]

    /// Workflows written for demonstrations, one in each format of Sim's and in the order in which they are told: file name and bytes.
    public static let demoWorkflows: [(name: String, bytes: [UInt8])] = [
        ("demo_onboarding_api_v2.json", PackageResources.demo_onboarding_api_v2_json),
        ("demo_lead_triage_state.json", PackageResources.demo_lead_triage_state_json),
        ("demo_refund_export.json", PackageResources.demo_refund_export_json),
        ("demo_stock_sync_export.json", PackageResources.demo_stock_sync_export_json),
        ("demo_incident_escalation_export.json", PackageResources.demo_incident_escalation_export_json),
        ("demo_invoice_approval_wrapped.json", PackageResources.demo_invoice_approval_wrapped_json),
        ("demo_contract_review_serialized.json", PackageResources.demo_contract_review_serialized_json),
        ("demo_ticket_reply_legacy.json", PackageResources.demo_ticket_reply_legacy_json),
        ("demo_claim_intake.yaml", PackageResources.demo_claim_intake_yaml),
        ("demo_newsletter_digest.yaml", PackageResources.demo_newsletter_digest_yaml),
    ]
}

/// One step of the database schema.
public struct EmbeddedMigration: Sendable {
    /// 1, 2, 3 …
    public let version: Int
    /// What it does, in a few words joined by underscores.
    public let name: String
    /// The script that makes the step, as UTF-8.
    public let up: [UInt8]
    /// The script that takes it back, when that loses nothing that matters.
    public let down: [UInt8]?

    /// A migration by its parts.
    public init(version: Int, name: String, up: [UInt8], down: [UInt8]?) {
        self.version = version
        self.name = name
        self.up = up
        self.down = down
    }
}
