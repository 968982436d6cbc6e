/// The contracts that Lockstep carries with it: SQL, JSON Schemas, demonstration workflows. The files are embedded in the binary, so that
/// a program and its schema cannot be separated.
public enum Schemas {
    /// The forward migrations of the database, in order.
    public static let migrations: [EmbeddedMigration] = [
        EmbeddedMigration(version: 1, name: "create_log", up: PackageResources.v0001_create_log_sql, down: nil),
        EmbeddedMigration(
            version: 2, name: "read_models", up: PackageResources.v0002_read_models_sql,
            down: PackageResources.v0002_read_models_down_sql),
        EmbeddedMigration(
            version: 3, name: "subject_keys", up: PackageResources.v0003_subject_keys_sql,
            down: PackageResources.v0003_subject_keys_down_sql),
        EmbeddedMigration(
            version: 4, name: "inbound", up: PackageResources.v0004_inbound_sql,
            down: PackageResources.v0004_inbound_down_sql),
        EmbeddedMigration(
            version: 5, name: "domain_read_models", up: PackageResources.v0005_domain_read_models_sql,
            down: PackageResources.v0005_domain_read_models_down_sql),
        EmbeddedMigration(
            version: 6, name: "inbound_operation", up: PackageResources.v0006_inbound_operation_sql,
            down: PackageResources.v0006_inbound_operation_down_sql),
        EmbeddedMigration(
            version: 7, name: "conversations", up: PackageResources.v0007_conversations_sql,
            down: PackageResources.v0007_conversations_down_sql),
        EmbeddedMigration(
            version: 8, name: "sessions_v2", up: PackageResources.v0008_sessions_v2_sql,
            down: PackageResources.v0008_sessions_v2_down_sql),
        EmbeddedMigration(
            version: 9, name: "generations", up: PackageResources.v0009_generations_sql,
            down: PackageResources.v0009_generations_down_sql),
        EmbeddedMigration(
            version: 10, name: "parked_keys", up: PackageResources.v0010_parked_keys_sql,
            down: PackageResources.v0010_parked_keys_down_sql),
        EmbeddedMigration(
            version: 11, name: "sync_state", up: PackageResources.v0011_sync_state_sql,
            down: PackageResources.v0011_sync_state_down_sql),
        EmbeddedMigration(
            version: 12, name: "generation_views", up: PackageResources.v0012_generation_views_sql,
            down: PackageResources.v0012_generation_views_down_sql),
        EmbeddedMigration(
            version: 13, name: "workflows_v2", up: PackageResources.v0013_workflows_v2_sql,
            down: PackageResources.v0013_workflows_v2_down_sql),
        EmbeddedMigration(
            version: 14, name: "lanes", up: PackageResources.v0014_lanes_sql,
            down: PackageResources.v0014_lanes_down_sql),
        EmbeddedMigration(
            version: 15, name: "snapshots", up: PackageResources.v0015_snapshots_sql,
            down: PackageResources.v0015_snapshots_down_sql),
        EmbeddedMigration(
            version: 16, name: "generations_given_up", up: PackageResources.v0016_generations_given_up_sql,
            down: PackageResources.v0016_generations_given_up_down_sql),
        EmbeddedMigration(
            version: 17, name: "contradictions", up: PackageResources.v0017_contradictions_sql,
            down: PackageResources.v0017_contradictions_down_sql),
        EmbeddedMigration(
            version: 18, name: "reconciliation", up: PackageResources.v0018_reconciliation_sql,
            down: PackageResources.v0018_reconciliation_down_sql),
        EmbeddedMigration(
            version: 19, name: "reconciling", up: PackageResources.v0019_reconciling_sql,
            down: PackageResources.v0019_reconciling_down_sql),
        EmbeddedMigration(
            version: 20, name: "reconcile_jobs", up: PackageResources.v0020_reconcile_jobs_sql,
            down: PackageResources.v0020_reconcile_jobs_down_sql),
        EmbeddedMigration(
            version: 21, name: "stale_executions", up: PackageResources.v0021_stale_executions_sql,
            down: PackageResources.v0021_stale_executions_down_sql),
        EmbeddedMigration(
            version: 22, name: "unfinished_executions", up: PackageResources.v0022_unfinished_executions_sql,
            down: PackageResources.v0022_unfinished_executions_down_sql),
    ]

    /// The policy that is in force where no other one is: `policies/default.yaml`, UTF-8.
    public static let defaultPolicy: [UInt8] = PackageResources.default_yaml

    /// The policy that the demonstration puts in force: `policies/refund_desk.yaml`, UTF-8.
    public static let refundDeskPolicy: [UInt8] = PackageResources.refund_desk_yaml

    /// The policy that the demonstration holds against it: `policies/latest.yaml`, UTF-8.
    public static let latestPolicy: [UInt8] = PackageResources.latest_yaml

    /// The JSON Schema of policies: `policies/policy.v1.json`, UTF-8.
    public static let policySchema: [UInt8] = PackageResources.policy_v1_json

    /// The sample of every registered version of every event, by type and version: `Schemas/events/<category>/<event>.v<N>.sample.json`.
    public static let eventSamples: [EmbeddedSample] =
        PackageResources.event_samples_txt.split(separator: UInt8(ascii: "\n")).compactMap(EmbeddedSample.init(line:))

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

    /// One run of each of these workflows, recorded on both sides, in the same order.
    public static let demoRecordings: [EmbeddedRecording] = [
        EmbeddedRecording(
            workflow: "demo_onboarding_api_v2.json",
            execution: ("demo_onboarding_execution.ndjson", PackageResources.demo_onboarding_execution_ndjson),
            conversation: ("demo_onboarding_conversation.ndjson", PackageResources.demo_onboarding_conversation_ndjson)),
        EmbeddedRecording(
            workflow: "demo_lead_triage_state.json",
            execution: ("demo_lead_triage_execution.ndjson", PackageResources.demo_lead_triage_execution_ndjson),
            conversation: (
                "demo_lead_triage_conversation.ndjson", PackageResources.demo_lead_triage_conversation_ndjson
            )),
        EmbeddedRecording(
            workflow: "demo_refund_export.json",
            execution: ("demo_refund_execution.ndjson", PackageResources.demo_refund_execution_ndjson),
            conversation: ("demo_refund_conversation.ndjson", PackageResources.demo_refund_conversation_ndjson)),
        EmbeddedRecording(
            workflow: "demo_stock_sync_export.json",
            execution: ("demo_stock_sync_execution.ndjson", PackageResources.demo_stock_sync_execution_ndjson),
            conversation: ("demo_stock_sync_conversation.ndjson", PackageResources.demo_stock_sync_conversation_ndjson)),
        EmbeddedRecording(
            workflow: "demo_incident_escalation_export.json",
            execution: ("demo_incident_execution.ndjson", PackageResources.demo_incident_execution_ndjson),
            conversation: ("demo_incident_conversation.ndjson", PackageResources.demo_incident_conversation_ndjson)),
        EmbeddedRecording(
            workflow: "demo_invoice_approval_wrapped.json",
            execution: ("demo_invoice_execution.ndjson", PackageResources.demo_invoice_execution_ndjson),
            conversation: ("demo_invoice_conversation.ndjson", PackageResources.demo_invoice_conversation_ndjson)),
        EmbeddedRecording(
            workflow: "demo_contract_review_serialized.json",
            execution: ("demo_contract_execution.ndjson", PackageResources.demo_contract_execution_ndjson),
            conversation: ("demo_contract_conversation.ndjson", PackageResources.demo_contract_conversation_ndjson)),
        EmbeddedRecording(
            workflow: "demo_ticket_reply_legacy.json",
            execution: ("demo_ticket_execution.ndjson", PackageResources.demo_ticket_execution_ndjson),
            conversation: ("demo_ticket_conversation.ndjson", PackageResources.demo_ticket_conversation_ndjson)),
        EmbeddedRecording(
            workflow: "demo_claim_intake.yaml",
            execution: ("demo_claim_execution.ndjson", PackageResources.demo_claim_execution_ndjson),
            conversation: ("demo_claim_conversation.ndjson", PackageResources.demo_claim_conversation_ndjson)),
        EmbeddedRecording(
            workflow: "demo_newsletter_digest.yaml",
            execution: ("demo_newsletter_execution.ndjson", PackageResources.demo_newsletter_execution_ndjson),
            conversation: ("demo_newsletter_conversation.ndjson", PackageResources.demo_newsletter_conversation_ndjson)),
    ]
}

/// One run of a demonstration's workflow, as the two engines told it. Fictional, and not in order everywhere, as things arrive.
public struct EmbeddedRecording: Sendable {
    /// The name of the workflow's file.
    public let workflow: String
    /// File name and bytes: one execution event of Sim's a line.
    public let execution: (name: String, bytes: [UInt8])
    /// File name and bytes: one report of Parlant's conversation a line.
    public let conversation: (name: String, bytes: [UInt8])
}

/// An event as a schema's sample has it.
public struct EmbeddedSample: Sendable {
    /// The type of the event.
    public let type: String
    /// The version of its schema.
    public let version: Int32
    /// The payload, JSON text.
    public let data: [UInt8]

    /// Reads `<type> <version> <payload>`; `nil` for anything else.
    init?(line: ArraySlice<UInt8>) {
        let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
        guard parts.count == 3, let version = Int32(String(decoding: parts[1], as: UTF8.self)) else { return nil }
        type = String(decoding: parts[0], as: UTF8.self)
        self.version = version
        data = Array(parts[2])
    }
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
