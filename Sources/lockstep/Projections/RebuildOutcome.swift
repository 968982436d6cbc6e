import Projector
import ReadModels

/// What became of one rebuild of a pass.
struct RebuildOutcome: Sendable {
    private let result: Result<(report: RebuildReport, activated: Generation?), any Error>

    /// - Parameter isActivated: whether the generation is activated when every difference is explained.
    init(
        of rebuild: RebuildVerb.Job, _ built: Result<RebuildReport, any Error>, activating isActivated: Bool
    ) async {
        do {
            let report = try built.get()
            let isChanged = isActivated && report.isExplained
            result = .success((report, isChanged ? try await rebuild.activate() : nil))
        } catch {
            result = .failure(error)
        }
    }

    /// What the command ends with; `nil` when all is well.
    var failure: (any Error)? {
        switch result {
        case .success(let (report, _)): report.isExplained ? nil : AnsweredNo()
        case .failure(let error): error
        }
    }

    /// Tells what was built. What has stopped a rebuild is told by the end of the command.
    func tell(_ name: String, _ progress: RebuildProgress?, isJSON: Bool, isAlone: Bool) {
        guard case .success(let (report, activated)) = result else { return }
        if isJSON { return RebuildAnswer.line(report, progress, activated) }
        if !isAlone { StandardOutput.shared.write(Style.output.strong(name)) }
        RebuildAnswer.show(report, progress, activated)
    }
}
