import EventModel
import Foundation

/// The schemas and samples of one state of the project.
struct SchemaTree {
    /// By name.
    let files: [SchemaName: JSONValue]
    /// Files that are not JSON, or whose name says nothing.
    let objections: [Objection]

    /// A tree of files by their paths below the folder of schemas.
    init(_ contents: [String: [UInt8]]) {
        var files: [SchemaName: JSONValue] = [:]
        var objections: [Objection] = []
        for (path, bytes) in contents {
            guard let name = SchemaName(path) else {
                objections.append(
                    Objection(
                        file: path, place: "", reason: "is neither <event>.v<N>.json nor <event>.v<N>.sample.json",
                        cure: "name it so, or put it elsewhere"))
                continue
            }
            do throws(JSONFlaw) {
                files[name] = try JSONValue(bytes, limits: .file)
            } catch {
                objections.append(
                    Objection(file: path, place: "", reason: "is not JSON: \(error)", cure: "mend it"))
            }
        }
        self.files = files
        self.objections = objections
    }

    /// The files of a folder.
    ///
    /// - Throws: when the folder or a file in it cannot be read.
    init(folder: String) throws {
        let base = URL(fileURLWithPath: folder)
        var contents: [String: [UInt8]] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: base.path) {
            let file = base.appendingPathComponent(path)
            guard !path.hasPrefix("."), try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true
            else {
                continue
            }
            contents[path] = [UInt8](try Data(contentsOf: file))
        }
        self.init(contents)
    }

    /// The newest version of an event; 0 when there is none.
    func newest(of name: SchemaName) -> Int {
        files.keys.filter { $0.category == name.category && $0.event == name.event && !$0.isSample }
            .map(\.version).max() ?? 0
    }
}
