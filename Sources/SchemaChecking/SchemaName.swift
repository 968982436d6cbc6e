/// What the name of a file of schemas says: `workflow/imported.v2.json`, or `workflow/imported.v2.sample.json`.
struct SchemaName: Hashable, Comparable {
    let category: String
    let event: String
    let version: Int
    let isSample: Bool

    /// `nil` for a file that is neither a schema nor a sample.
    init?(_ path: String) {
        let parts = path.split(separator: "/")
        guard parts.count == 2, let name = parts.last?.split(separator: "."), name.last == "json",
            name.count == 3 || (name.count == 4 && name[2] == "sample"),
            name[1].first == "v", let version = Int(name[1].dropFirst()), version > 0
        else { return nil }
        category = String(parts[0])
        event = String(name[0])
        self.version = version
        isSample = name.count == 4
    }

    private init(_ other: SchemaName, version: Int, isSample: Bool) {
        (category, event) = (other.category, other.event)
        self.version = version
        self.isSample = isSample
    }

    /// The same event in another version.
    func version(_ version: Int) -> SchemaName { SchemaName(self, version: version, isSample: false) }
    var schema: SchemaName { version(version) }
    var sample: SchemaName { SchemaName(self, version: version, isSample: true) }

    /// `workflow/imported.v2.json`
    var path: String { "\(category)/\(event).v\(version)\(isSample ? ".sample" : "").json" }

    static func < (left: SchemaName, right: SchemaName) -> Bool {
        (left.category, left.event, left.version, left.isSample ? 1 : 0)
            < (right.category, right.event, right.version, right.isSample ? 1 : 0)
    }
}
