import Conversion
import EventModel
import EventSourcing

extension ConversionService {
    /// Puts on record that a run has no result.
    func record(
        _ failed: ConversionFailed, of attempt: ConversionAttempt, steps: [ConversionPlan.Step],
        _ context: CommandContext
    ) async throws(ConversionFault) {
        let steps = steps.map { ConversionStepCompleted(run: failed.run, step: $0.step, counts: $0.counts) }
        do throws(CommandError<ConversionDecider.Rejection>) {
            _ = try await conversions.handle(StreamCommand(.fail(steps: steps, failed), to: attempt.stream, context))
        } catch .rejected {
            // Somebody else has brought the same run to its end.
        } catch {
            throw .failed(error)
        }
    }
}

extension ConversionPlan.Refusal {
    /// The refusal as it is recorded.
    func failure(of started: ConversionStarted) -> ConversionFailed {
        ConversionFailed(
            run: started.run, step: step, code: code, message: message, findings: findings.map(\.canonicalValue))
    }
}

extension ConversionFault {
    /// The fault as it is recorded; `nil` when the next call may do better.
    func failure(of started: ConversionStarted) -> ConversionFailed? {
        switch self {
        case .targetChanged(let id, _):
            ConversionFailed(
                run: started.run, step: .storeMapping, code: "target_changed",
                message: "\(id) was changed on its own side")
        case .sourceChanged(let id, _):
            ConversionFailed(
                run: started.run, step: .storeMapping, code: "source_changed",
                message: "\(id) was changed since this content was taken from it")
        case .rejected(let reason):
            ConversionFailed(run: started.run, step: .storeMapping, code: "rejected", message: reason)
        case .unknownSource, .illegalID, .hiddenSource, .refused, .failed: nil
        }
    }
}

/// An error that may be the refusal of a rule: that is final, whereas what the log says may be otherwise at the next call.
protocol RejectedCommand: Error {
    /// The reason, and what to do; `nil` when no rule has refused.
    var rejection: String? { get }
}

extension CommandError: RejectedCommand {
    var rejection: String? {
        // That a run has ended otherwise is nothing about what was to be stored: somebody else was faster.
        guard case .rejected = self, Rejection.self != ConversionDecider.Rejection.self else { return nil }
        return description
    }
}

extension ConversionFailed {
    /// The source was changed before the result could be stored; another run converts what it is now.
    static func overtaken(_ started: ConversionStarted) -> ConversionFailed {
        ConversionFailed(
            run: started.run, step: .storeMapping, code: "overtaken",
            message: "\(started.sourceID) was changed meanwhile")
    }
}
