import EventModel
import Foundation
import Testing

extension KillTests {
    /// Runs at the stand-in for Sim and conversations at the real Parlant server; whoever reconciles is killed in between.
    @Suite(
        "Both engines", .serialized,
        .enabled(if: RealConversation.server != nil, "needs the real Parlant server: tools/test --parlant"))
    struct BothEngines {
        /// A run that waits for a person, and a conversation that was taken to where the run waits.
        private func waiting(_ run: String, _ stage: EffectStage) async throws -> RealConversation {
            try await stage.engine.execute(run)
            let conversation = try await RealConversation(about: run)
            try await conversation.say("I want my money back.", condition: "0")
            try await Patience.until("the conversation of \(run) stands where the run waits") {
                try await conversation.way().last == "\(StandInProcess.workflow).approve"
            }
            return conversation
        }

        private func kill(whoeverReconciles run: String, _ stage: EffectStage) async throws {
            try await stage.reconciler(of: run).signal(SIGKILL)
        }

        @Test(.timeLimit(.minutes(15)))
        func `what a customer answers resumes the run once, and the conversation is taken along behind it`()
            async throws
        {
            try await EffectStage.with(parlant: RealConversation.server) { stage in
                let run = "asked-\(UUID().uuidString.prefix(8).lowercased())"
                let conversation = try await waiting(run, stage)
                try await kill(whoeverReconciles: run, stage)
                try await conversation.say("The team lead says yes.", condition: "1")
                try await Patience.until("\(run) is resumed") { try stage.engine.resumptions()[run] != nil }
                try await kill(whoeverReconciles: run, stage)
                try await Patience.until("the conversation has left with the end of the run") {
                    try await conversation.way().last == .some(nil)
                }
                try await EffectCheck(stage: stage, runs: [run: nil]).expectTogether()
            }
        }

        @Test(.timeLimit(.minutes(15)))
        func `a run that somebody resumes takes the conversation along, which says nothing against it`() async throws {
            try await EffectStage.with(parlant: RealConversation.server) { stage in
                let run = "told-\(UUID().uuidString.prefix(8).lowercased())"
                let conversation = try await waiting(run, stage)
                try await kill(whoeverReconciles: run, stage)
                try await stage.engine.resume(run, ["verdict": "yes"])
                try await Patience.until("the conversation has left with the end of the run") {
                    try await conversation.way().last == .some(nil)
                }
                try await EffectCheck(stage: stage, runs: [run: "yes"]).expectTogether()
            }
        }
    }
}
