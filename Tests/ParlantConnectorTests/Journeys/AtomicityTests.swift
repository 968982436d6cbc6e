import EventModel
import JourneyDomain
import ParlantConnector
import Testing

extension ParlantTests {
    @Suite("Atomicity", .serialized) struct Atomicity {
        /// The write exchanges nodes, edges, conditions, tags and the journey, in this order.
        @Test(arguments: 0..<5) func `a write that fails in the middle leaves the old journey`(after: Int) async throws
        {
            try await scene("atomic-failure-\(after)") { scene in
                let id = try scene.id("fails")
                let old = try await scene.push(scene.line("fails", through: ["a", "b"]), id)
                let chart = try await scene.connector.mermaid(id)
                let wanted = scene.line("fails", through: ["c"]).with(conditions: ["another"], labels: ["new"])

                try await scene.raw(.post, "lockstep-testing/fault", ["after": .number(JSONNumber(after))])
                let error = await refusal {
                    _ = try await scene.connector.update(id, to: wanted, expecting: .exactly(old.version))
                }
                guard case .refused(status: 500, let detail) = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                #expect(!detail.contains("/"))
                #expect(try await scene.connector.read(id) == old)
                #expect(try await scene.connector.mermaid(id) == chart)
                let guidelines = try await scene.raw(.get, "guidelines", query: [.init("tag_id", "journey:\(id)")])
                #expect(guidelines.json?.array?.count == 1)

                let retried = try await scene.connector.update(id, to: wanted, expecting: .exactly(old.version))
                #expect(retried.journey.definition == wanted)
            }
        }

        @Test func `a creation that fails in the middle leaves nothing`() async throws {
            try await scene("atomic-creation") { scene in
                let id = try scene.id("unborn")
                try await scene.raw(.post, "lockstep-testing/fault", ["after": 2])
                _ = await refusal {
                    _ = try await scene.connector.create(scene.line("unborn", through: ["a"]), id: id)
                }
                #expect(try await scene.raw(.get, "journeys/\(id)").status == 404)
                let guidelines = try await scene.raw(.get, "guidelines", query: [.init("tag_id", "journey:\(id)")])
                #expect(guidelines.json?.array?.isEmpty ?? false)
                #expect(try await scene.connector.create(scene.line("unborn", through: ["a"]), id: id).isNew)
            }
        }

        @Test func `readers never see half a graph while it is being replaced`() async throws {
            try await scene("atomic-readers", overlaps: true) { scene in
                let id = try scene.id("busy")
                let names = (1...20).map { "s\($0)" }
                let forms = [scene.line("busy", through: names), scene.line("busy", through: names.map { "t" + $0 })]
                try await scene.push(forms[0], id)
                var charts: Set<String> = [try await scene.connector.mermaid(id)]
                _ = try await scene.connector.update(id, to: forms[1], expecting: .any)
                charts.insert(try await scene.connector.mermaid(id))

                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for turn in 0..<10 {
                            _ = try await scene.connector.update(id, to: forms[turn % 2], expecting: .any)
                        }
                    }
                    for _ in 0..<4 {
                        group.addTask { [charts] in
                            for _ in 0..<15 {
                                let seen = try await scene.connector.read(id).definition
                                let chart = try await scene.connector.mermaid(id)
                                #expect(forms.contains(seen))
                                #expect(charts.contains(chart))
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await scene.connector.read(id).definition == forms[1])
            }
        }

        @Test func `of changes for the same version that come together, one wins and the others learn its version`()
            async throws
        {
            try await scene("atomic-writers", overlaps: true) { scene in
                let id = try scene.id("rush")
                let old = try await scene.push(scene.line("rush", through: ["a"]), id)
                let outcomes = await withTaskGroup(of: ParlantError?.self) { group in
                    for writer in 0..<8 {
                        group.addTask {
                            await refusal {
                                _ = try await scene.connector.update(
                                    id, to: scene.line("rush", through: ["w\(writer)"]),
                                    expecting: .exactly(old.version))
                            }
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                let present = try await scene.connector.read(id).version
                #expect(outcomes.count { $0 == nil } == 1)
                #expect(outcomes.count { $0 == .conflict(version: present) } == 7)
            }
        }
    }
}
