import EventModel
import EventSourcing
import ReadModels

/// When readers may be changed over to a generation: when it was compared with the one that they see, and every difference is explained, or
/// somebody has looked at exactly this report and accepts it.
struct ActivationRule: Sendable {
    func check(
        _ shadow: Generation, _ report: GenerationReport?, accepting digest: String?
    ) throws(RebuildFault) {
        guard let report, let value = try? JSONValue(report.text), let unexplained = value["unexplained"]?.int else {
            throw .unexplained(shadow, RebuildVerdict(unexplained: 0, digest: nil))
        }
        let found = report.digest.hexadecimal
        if let digest, digest != found { throw .otherDifferences(shadow, accepted: digest, found: found) }
        guard unexplained == 0 || digest == found else {
            throw .unexplained(shadow, RebuildVerdict(unexplained: Int64(unexplained), digest: found))
        }
    }
}
