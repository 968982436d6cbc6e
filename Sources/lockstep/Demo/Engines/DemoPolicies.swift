import Foundation
import Schemas

/// The policies of the demonstration as files, because that is how they are named to `lockstep`.
struct DemoPolicies: Sendable {
    private let folder: URL

    /// What is in force.
    var inForce: String { folder.appending(path: "refund_desk.yaml").path }
    /// What might be in force instead.
    var instead: String { folder.appending(path: "latest.yaml").path }

    /// Writes them where nobody else looks.
    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "lockstep-demo-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(Schemas.refundDeskPolicy).write(to: URL(filePath: inForce))
        try Data(Schemas.latestPolicy).write(to: URL(filePath: instead))
    }

    /// Removes them.
    func remove() { try? FileManager.default.removeItem(at: folder) }
}
