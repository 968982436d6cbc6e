import Foundation
import Testing

@Suite("Declared imports") struct DeclaredImportTests {
    /// A build that is incremental finds modules which a target never declared; a build from nothing does not.
    @Test(arguments: ["Sources", "Tests"]) func `a target imports only what it declares`(_ folder: String) throws {
        let manifest = try Manifest()
        var offences: [String] = []
        for target in try SourceTree.targets(in: folder) where !target.hasPrefix("C") {
            let declared = try #require(manifest.dependencies(of: target), "\(target) is not in Package.swift")
            for file in try SourceTree.swiftFiles(in: "\(folder)/\(target)") {
                for module in file.imports where manifest.provides(module) && module != target {
                    if !declared.contains(module) { offences.append("\(file.path) imports \(module)") }
                }
            }
        }
        #expect(offences.isEmpty)
    }
}

/// What Package.swift says about targets and what they depend on, as far as its own habits of writing go.
struct Manifest {
    private let declarations: [String: String]
    private let products: [String: String]

    init() throws {
        let text = try String(contentsOf: SourceTree.root.appendingPathComponent("Package.swift"), encoding: .utf8)
        var products: [String: String] = [:]
        for match in text.matches(of: /let (\w+): Target\.Dependency = \.product\(name: "(\w+)"/) {
            products[String(match.1)] = String(match.2)
        }
        var declarations: [String: String] = [:]
        let kinds = /\.(?:target|executableTarget|testTarget)\(/
        for chunk in text.split(separator: kinds).dropFirst() {
            guard let name = chunk.firstMatch(of: /name: "(\w+)"/) else { continue }
            let list = chunk.firstMatch(of: /dependencies: \[((?:[^\[\]])*)\]/)
            declarations[String(name.1)] = list.map { String($0.1) } ?? ""
        }
        self.products = products
        self.declarations = declarations
    }

    /// Whether the manifest knows this module, so that importing it needs a declaration.
    func provides(_ module: String) -> Bool {
        declarations[module] != nil || products.values.contains(module) || module.hasPrefix("CLib")
            || ["CRDKafka", "CLZ4", "ArgumentParser", "Configuration"].contains(module)
    }

    /// The modules that a target declares, or nil where it is not in the manifest.
    func dependencies(of target: String) -> Set<String>? {
        guard let list = declarations[target] else { return nil }
        let quoted = list.matches(of: /"(\w+)"/).map { String($0.1) }
        let named = list.matches(of: /\b(\w+)\b/).compactMap { products[String($0.1)] }
        return Set(quoted + named)
    }
}
