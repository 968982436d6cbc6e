import Conversion
import Converting
import EventModel

/// What became of one conversion.
struct ConvertAnswer: Sendable {
    let direction: ConversionDirection
    let id: String
    /// Of the file's content.
    let digest: ContentDigest
    var plan: Result<ConversionPlan, ConversionPlan.Refusal>
    /// `nil` when nothing was to be stored.
    var stored: Result<ConversionAnswer, ConversionFault>?
    /// Where the document was written.
    var out: String?
    /// The document, where the answer carries it.
    var document: String?

    var isYes: Bool {
        guard case .success = plan else { return false }
        if case .failure = stored { return false }
        return true
    }

    /// `converted`, `unchanged`, `planned` or `refused`.
    var outcome: String {
        guard isYes else { return "refused" }
        return (try? stored?.get())?.outcome.rawValue ?? "planned"
    }

    var migrations: [SessionMigration] { (try? stored?.get())?.migrations ?? [] }

    /// The journey of both.
    var journeyID: String { direction == .toJourney ? completed?.resultID ?? id : id }

    var completed: ConversionCompleted? { (try? stored?.get())?.completed }

    /// The digest of what was converted, as it is on record where it is.
    private var converted: ContentDigest { (try? stored?.get())?.started.sourceDigest ?? digest }

    var findings: [ModelFinding] {
        switch plan {
        case .success(let plan): plan.findings
        case .failure(let refusal): refusal.findings
        }
    }

    /// Why not, and what to do.
    var failure: Failure? {
        if case .failure(let refusal) = plan {
            return Failure(
                .no, refusal.message,
                hint: refusal.isTolerable ? "correct what is found wrong, or add --tolerate-errors" : refusal.cure)
        }
        guard case .failure(let fault) = stored else { return nil }
        return Failure(conversion: fault)
    }

    func show(asJSON: Bool) {
        if asJSON { StandardOutput.shared.write(json) } else { ConvertTable(self).show() }
    }

    /// One object with the same keys for every outcome, `null` where one has no meaning.
    var json: [UInt8] {
        Answers.line { object in
            let made = try? plan.get()
            object.member("direction", direction.rawValue)
            object.member("outcome", outcome)
            object.key("source")
            object.object { source in
                source.member("id", id)
                source.member("digest", converted.hexadecimal)
            }
            object.key("result")
            if let made { object.result(made.product) } else { object.null() }
            object.member("mapping_version", completed?.mappingVersion)
            object.member("position", (try? stored?.get())?.position?.rawValue)
            object.key("report")
            if let made { object.value(made.report.canonicalValue) } else { object.null() }
            object.key("migrations")
            object.value(LiveSessionsAnswer(migrations, in: journeyID).value)
            object.key("findings")
            object.array { list in for finding in findings { list.value(finding.canonicalValue) } }
            object.member("out", out)
            object.member("document", document)
            object.member("error", failure)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func result(_ product: ConversionPlan.Product) {
        object { result in
            switch product {
            case .journey(let made):
                result.member("id", made.mapping.journeyID)
                result.member("digest", made.journey.digest.hexadecimal)
            case .workflow(let made):
                result.member("id", made.mapping.workflowID)
                result.member("digest", made.workflow.digest.hexadecimal)
            }
        }
    }
}
