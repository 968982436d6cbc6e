import Conversion
import EventModel
import Testing

@Suite("The mappings of a workflow") struct MappingDeciderTests {
    private func mapping(_ journey: String, workflow: String = "wf") -> Mapping {
        Mapping(
            workflowID: workflow, journeyID: journey, workflowDigest: ContentDigest(of: Array("w".utf8)),
            journeyDigest: ContentDigest(of: Array(journey.utf8)), nodes: [.init(block: "b", states: ["wf.b"])],
            links: [], contexts: [])
    }

    private func outcome(
        _ commands: [MappingDecider.Command]
    ) -> Result<[MappingEvent], MappingDecider.Rejection> {
        var state = MappingDecider.initialState
        var all: [MappingEvent] = []
        for command in commands {
            do throws(MappingDecider.Rejection) {
                let events = try MappingDecider.decide(command, state)
                state = MappingDecider.fold(state, events)
                #expect((try? MappingDecider.decide(command, state)) == [], "deciding twice appends nothing twice")
                all += events
            } catch {
                return .failure(error)
            }
        }
        return .success(all)
    }

    @Test func `are numbered from 1`() {
        #expect(
            outcome([.propose(mapping("a")), .propose(mapping("a")), .propose(mapping("b")), .propose(mapping("a"))])
                == .success([
                    .proposed(version: 1, mapping: mapping("a")), .proposed(version: 2, mapping: mapping("b")),
                    .proposed(version: 3, mapping: mapping("a")),
                ]))
    }

    @Test func `have one active version, which retires the one before it`() throws {
        let events = try outcome([
            .propose(mapping("a")), .validate(version: 1, problems: 0), .activate(version: 1), .propose(mapping("b")),
            .validate(version: 2, problems: 0), .activate(version: 2),
        ]).get()
        #expect(
            events.suffix(2) == [
                .retired(version: 1, successor: 2), .activated(version: 2, digest: mapping("b").digest),
            ])
        let state = MappingDecider.fold(MappingDecider.initialState, events)
        #expect(state.active == 2)
        #expect(state.version(1)?.status == .retired)
    }

    @Test(
        arguments: [
            ([.activate(version: 1)], MappingDecider.Rejection.notValidated(version: 1)),
            ([.validate(version: 1, problems: 3), .activate(version: 1)], .invalid(version: 1, problems: 3)),
            ([.retire(version: 1), .activate(version: 1)], .retired(version: 1)),
            ([.retire(version: 1), .validate(version: 1, problems: 0)], .retired(version: 1)),
            ([.activate(version: 2)], .unknownVersion(2, latest: 1)),
            ([.retire(version: 0)], .unknownVersion(0, latest: 1)),
            ([.validate(version: 1, problems: -1)], .negativeProblems(-1)),
        ] as [([MappingDecider.Command], MappingDecider.Rejection)])
    func `refuse`(_ commands: [MappingDecider.Command], _ rejection: MappingDecider.Rejection) {
        #expect(outcome([.propose(mapping("a"))] + commands) == .failure(rejection))
    }

    @Test func `are of one workflow`() {
        #expect(
            outcome([.propose(mapping("a")), .propose(mapping("a", workflow: "other"))])
                == .failure(.otherWorkflow("other", expected: "wf")))
    }

    @Test func `that do not fit an event are refused with their size`() {
        let nodes = (0..<40_000).map {
            Mapping.Node(block: ElementID("block-\($0)"), states: [ElementID("wf.block-\($0)")])
        }
        let large = Mapping(
            workflowID: "wf", journeyID: "j", workflowDigest: ContentDigest(of: []),
            journeyDigest: ContentDigest(of: []),
            nodes: nodes, links: [], contexts: [])
        #expect(
            outcome([.propose(large)])
                == .failure(.mappingTooLarge(bytes: large.canonicalBytes().count, limit: MappingLimits.bytes)))
    }

    @Test func `stay as they are when an event does not fit`() {
        let state = MappingDecider.initialState
        for event: MappingEvent in [
            .proposed(version: 2, mapping: mapping("a")), .activated(version: 1, digest: mapping("a").digest),
            .retired(version: -1, successor: nil), .validated(version: 9, digest: mapping("a").digest, problems: 0),
        ] {
            #expect(MappingDecider.evolve(state, event) == state)
        }
    }
}
