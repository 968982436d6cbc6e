import Conversion
import EventModel
import JourneyDomain
import Testing
import WorkflowDomain

@testable import lockstep

@Suite("Recordings of the demonstration") struct DemoRecordingTests {
    private static func recordings() throws -> [DemoRecording] { try DemoRecording.all() }

    /// The recordings with the journeys that their workflows become.
    private static func converted() throws -> [(recording: DemoRecording, journey: JourneyConversion)] {
        let workflows = try DemoWorkflow.all()
        return try recordings().map { recording in
            let workflow = try #require(workflows.first { $0.name == recording.workflow })
            let reading = try workflow.reading()
            return (recording, try WorkflowToJourney.convert(reading.definition, id: reading.id.text))
        }
    }

    @Test func `every workflow has one, of one execution and one conversation that walks for it`() throws {
        let recordings = try Self.recordings()
        #expect(recordings.map(\.workflow) == (try DemoWorkflow.all().map(\.name)))
        let runs = try recordings.map(DemoRun.init)
        #expect(Set(runs.map(\.execution)).count == runs.count && Set(runs.map(\.session)).count == runs.count)
        for (recording, run) in zip(recordings, runs) {
            #expect(try recording.sessionReports().compactMap(\.execution).allSatisfy { $0 == run.execution })
            #expect(try recording.sessionReports().first?.execution == run.execution)
        }
    }

    @Test func `every line is read without a flaw, and nothing in it is unknown`() throws {
        for (recording, conversion) in try Self.converted() {
            let blocks = Set(conversion.mapping.nodes.map(\.block))
            for report in try recording.executionReports() {
                #expect(report.workflow?.text == conversion.mapping.workflowID && report.at != nil)
                // When an execution pauses it has not ended, whatever Sim calls that time.
                let unknown = report.contents.rest?.object?.keys.filter { $0 != "endTime" } ?? []
                #expect(unknown.isEmpty, "\(recording.execution.name): \(unknown)")
                guard let visit = report.fact.visit else { continue }
                #expect(blocks.contains(visit.block), "\(recording.execution.name): \(visit)")
            }
            for event in try recording.events() {
                #expect(event.rest == nil && event.envelope.at.flatMap(Timestamp.init(rfc3339:)) != nil)
                if case .other = event.content { Issue.record("\(recording.conversation.name): \(event)") }
            }
        }
    }

    @Test func `a conversation stands and goes only where its journey does`() throws {
        for (recording, conversion) in try Self.converted() {
            let (journey, name) = (conversion.journey, recording.conversation.name)
            let states = Set(journey.states.map(\.id))
            let ways = Set(journey.transitions.map { [$0.source, $0.target] })
            for event in try recording.events() {
                guard case .status(let status) = event.content, let matches = status.matches else { continue }
                #expect(matches.journeys.allSatisfy { $0 == conversion.mapping.journeyID })
                #expect(matches.states.allSatisfy(states.contains), "\(name): \(matches.states)")
            }
            let index = JourneyPathIndex(journey)
            for path in try recording.paths() {
                #expect(path.journey == conversion.mapping.journeyID)
                #expect(
                    index.steps(on: path.indexes) == path.states.map { $0.map(JourneyPathIndex.Step.state) ?? .left })
                let steps = [journey.root] + path.states.compactMap(\.self)
                for step in zip(steps, steps.dropFirst()) {
                    #expect(ways.contains([step.0, step.1]), "\(name): from \(step.0) to \(step.1)")
                }
            }
        }
    }

    @Test func `things come twice and out of order, as they do`() throws {
        let recordings = try Self.recordings()
        let files = recordings.flatMap { [$0.execution, $0.conversation] }
        #expect(files.contains { Set($0.payloads).count < $0.payloads.count })
        #expect(
            try recordings.allSatisfy { recording in
                let sequence = try recording.executionReports().compactMap(\.original.sequence)
                return sequence != sequence.sorted()
            })
        #expect(
            try recordings.contains { recording in
                let offsets = try recording.events().map(\.envelope.offset)
                return offsets != offsets.sorted()
            })
    }

    @Test func `nobody's real address is in them`() throws {
        for file in try Self.recordings().flatMap({ [$0.execution, $0.conversation] }) {
            let text = String(decoding: file.bytes, as: UTF8.self)
            for mark in ["@", "https://"] {
                for part in text.split(separator: mark).dropFirst() {
                    let host = part.prefix { $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" }
                    let isFictional =
                        host == "example.com" || [".example", ".example.com"].contains { host.hasSuffix($0) }
                    #expect(isFictional, "\(file.name): \(host)")
                }
            }
        }
    }
}

extension DemoRecording {
    fileprivate func inputs() throws -> [SessionInput] { try sessionReports().flatMap(\.inputs) }

    fileprivate func events() throws -> [ReportedEvent] {
        try inputs().compactMap { input in
            guard case .event(let event, _, _) = input else { return nil }
            return event
        }
    }

    fileprivate func paths() throws -> [JourneyPath] {
        try inputs().flatMap { input -> [JourneyPath] in
            guard case .agentStates(let states, _) = input else { return [] }
            return states.flatMap(\.paths)
        }
    }
}

extension ExecutionFact {
    /// The visit that it is about.
    fileprivate var visit: BlockVisit? {
        switch self {
        case .blockStarted(let fact), .blockCompleted(let fact), .blockFailed(let fact, _), .blockSkipped(let fact),
            .childWorkflowStarted(let fact):
            fact.visit
        case .started, .waitStarted, .resumed, .paused, .completed, .failed, .cancelled, .noted: nil
        }
    }
}
