import Foundation
import Testing

@Suite("The house") struct HouseTests {
    @Test func `every target has a floor or stands aside`() throws {
        let targets = try SourceTree.targets()
        #expect(targets.filter { !HousePlan.ours.contains($0) }.isEmpty)
        #expect(!targets.isEmpty)
    }

    @Test func `imports point downwards`() throws {
        var offences: [String] = []
        for target in try SourceTree.targets() {
            guard let floor = HousePlan.floor(of: target) else { continue }
            for file in try SourceTree.swiftFiles(in: "Sources/\(target)") {
                for module in file.imports where HousePlan.ours.contains(module) {
                    let isBelow = HousePlan.floor(of: module).map { $0 < floor } ?? false
                    let isNeighbour = HousePlan.neighbours[target]?.contains(module) ?? false
                    if !isBelow && !isNeighbour { offences.append("\(file.path) imports \(module)") }
                }
            }
        }
        #expect(offences.isEmpty)
    }

    @Test func `the language and the domain use nothing that does input or output`() throws {
        var offences: [String] = []
        for (floor, allowed) in HousePlan.foreign {
            for target in HousePlan.floors[floor] {
                for file in try SourceTree.swiftFiles(in: "Sources/\(target)") {
                    for module in file.imports where !HousePlan.ours.contains(module) && !allowed.contains(module) {
                        offences.append("\(file.path) imports \(module)")
                    }
                }
            }
        }
        #expect(offences.isEmpty)
    }

    @Test(arguments: HousePlan.portsOnly) func `processes know ports, never adapters`(_ target: String) throws {
        for file in try SourceTree.swiftFiles(in: "Sources/\(target)") {
            #expect(Set(file.imports).isDisjoint(with: HousePlan.adaptersAndDrivers), "\(file.path)")
        }
    }

    @Test(arguments: HousePlan.replays) func `a replay cannot write to what a running system reads`(_ folder: String)
        throws
    {
        let files = try SourceTree.swiftFiles(in: folder)
        #expect(!files.isEmpty)
        for file in files {
            for word in HousePlan.ownedByRunningSystems { #expect(!file.text.contains(word), "\(file.path): \(word)") }
        }
    }

    @Test(arguments: HousePlan.drivers) func `drivers have never heard of an event`(_ target: String) throws {
        for file in try SourceTree.swiftFiles(in: "Sources/\(target)") {
            #expect(!file.imports.contains("EventModel") && !file.imports.contains("EventSourcing"), "\(file.path)")
        }
    }

    @Test func `only main reads the environment`() throws {
        for target in try SourceTree.targets() where target != "lockstep" {
            for file in try SourceTree.swiftFiles(in: "Sources/\(target)") {
                #expect(!file.text.contains("getenv(") && !file.text.contains(".environment["), "\(file.path)")
            }
        }
    }

    @Test func `names say something`() throws {
        let empty = ["Utils", "Util", "Utilities", "Helpers", "Helper", "Manager", "Common", "Misc"]
        for path in try SourceTree.files(in: "Sources") + SourceTree.files(in: "Tests") {
            let parts = path.split(separator: "/").map { $0.replacing(".swift", with: "") }
            for part in parts { #expect(!empty.contains { part.hasSuffix($0) }, "\(path)") }
        }
    }

    @Test func `the top level holds what it should and nothing else`() throws {
        let allowed: Set<String> = [
            "Package.swift", "Sources", "Tests", "Schemas", "tools", "ops", "README.md", "LICENSE",
        ]
        let found = try FileManager.default.contentsOfDirectory(atPath: SourceTree.root.path)
            .filter { !$0.hasPrefix(".") && $0 != "Package.resolved" }
        #expect(Set(found).subtracting(allowed).isEmpty)
    }

    @Test func `every unchecked promise to the compiler is explained`() throws {
        for file in try SourceTree.swiftFiles(in: "Sources") {
            let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
            for (index, line) in lines.enumerated()
            where line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") {
                guard !line.trimmingCharacters(in: .whitespaces).hasPrefix("//") else { continue }
                #expect(index > 0 && lines[index - 1].contains("//"), "\(file.path):\(index + 1)")
            }
        }
    }

    @Test func `nothing crashes on the world's data`() throws {
        for file in try SourceTree.swiftFiles(in: "Sources") {
            for (index, line) in file.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                guard !line.trimmingCharacters(in: .whitespaces).hasPrefix("//") else { continue }
                for crash in ["try" + "!", "fatalError" + "(", " as" + "! "] {
                    #expect(!line.contains(crash), "\(file.path):\(index + 1)")
                }
            }
        }
    }

    @Test func `tests do not sleep`() throws {
        for file in try SourceTree.swiftFiles(in: "Tests") {
            for call in ["Task" + ".sleep", "usleep" + "(", "Thread" + ".sleep"] {
                #expect(!file.text.contains(call), "\(file.path)")
            }
        }
    }
}
