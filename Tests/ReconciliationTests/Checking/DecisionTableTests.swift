import EventSourcingTesting
import Foundation
import Testing

@testable import Reconciliation

@Suite struct `The page about every pair of statuses` {
    @Test func `says what the program does`() throws {
        let page = DecisionTable.page()
        let path = ProjectFiles.path(DecisionTable.path)
        let written = ProjectFiles.exists(path) ? String(decoding: try ProjectFiles.bytes(path), as: UTF8.self) : ""
        guard page != written else { return }
        let fresh = FileManager.default.temporaryDirectory.appending(path: "EveryPairOfStatuses.md")
        try Data(page.utf8).write(to: fresh)
        Issue.record("the page is not what the program does; to renew it: cp \(fresh.path()) \(DecisionTable.path)")
    }
}
