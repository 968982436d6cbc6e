import Conversion
import EventModel
import JourneyDomain
import Testing
import WorkflowDomain

@Suite("Every path of one side is a path of the other") struct SamePathTests {
    @Test func `with the same decisions`() throws {
        var exact = 0
        var gated = 0
        for seed in 0..<1_200 as Range<UInt64> {
            let workflow = RandomFlow.workflow(seed: seed, .proper, size: 2...9)
            let conversion = try WorkflowToJourney.convert(workflow, id: "wf")
            guard let runs = WorkflowRuns.all(of: workflow, limit: 400),
                let walks = JourneyWalks.all(of: conversion.journey, limit: 40_000)
            else { continue }
            let codes = Set(conversion.report.remarks.map(\.code))
            if codes.contains(.unstructuredFanOut) { continue }
            if codes.contains(.conditionalJoin) {
                // A question whether something is due can be answered wrongly, so there are more walks than runs.
                #expect(runs.isSubset(of: walks), "seed \(seed)")
                gated += 1
            } else {
                #expect(runs == walks, "seed \(seed)")
                exact += 1
            }
        }
        #expect(exact > 800 && gated > 5, "\(exact) exact, \(gated) gated")
    }

    @Test(.enabled(if: RealWorkflows.arePresent)) func `also of real workflows`() throws {
        var (exact, gated, passedOver) = (0, 0, 0)
        for (name, reading) in try RealWorkflows.all() {
            let conversion = try WorkflowToJourney.convert(reading.definition, id: reading.id.text)
            let codes = Set(conversion.report.remarks.map(\.code))
            guard !codes.contains(.unstructuredFanOut),
                let runs = WorkflowRuns.all(of: reading.definition, limit: 5_000),
                let walks = JourneyWalks.all(of: conversion.journey, limit: 400_000)
            else {
                passedOver += 1
                continue
            }
            if codes.contains(.conditionalJoin) {
                #expect(runs.isSubset(of: walks), "\(name)")
                gated += 1
            } else {
                #expect(runs == walks, "\(name)")
                exact += 1
            }
        }
        #expect(exact > 80, "\(exact) exact, \(gated) gated, \(passedOver) passed over")
    }
}
