import FoundationEssentials
import WorkflowDomain

/// Files and directories of workflows.
public enum WorkflowFiles {
    /// What workflow files are called.
    public static let extensions: Set<String> = ["json", "yaml", "yml"]

    /// What archives of workflow files are called.
    public static let archiveExtensions: Set<String> = ["zip"]

    /// The files that `paths` name: a file is itself, a directory is every workflow file and archive below it, by path, hidden ones left out.
    /// A path where there is nothing, or a directory without such files, is kept, so that reading it says so.
    public static func expand(_ paths: [String]) -> [String] {
        paths.flatMap { path in
            var isDirectory = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory else {
                return [path]
            }
            let files = files(below: path)
            return files.isEmpty ? [path] : files
        }
    }

    /// The workflow files that the file at `path` is: itself, or those inside if it is an archive.
    ///
    /// - Throws: ``FileFlaw``; what is in a workflow file is not judged here.
    public static func sources(at path: String) throws(FileFlaw) -> WorkflowSources {
        try sources(in: try read(path), named: path)
    }

    /// The workflow files that `bytes` are: themselves, or those inside if they are an archive.
    ///
    /// - Throws: ``FileFlaw``; what is in a workflow file is not judged here.
    public static func sources(in bytes: [UInt8], named name: String) throws(FileFlaw) -> WorkflowSources {
        let sources: WorkflowSources
        do throws(ArchiveFlaw) {
            sources = try WorkflowSource.sources(in: bytes, named: name)
        } catch {
            throw .archive(error)
        }
        guard !sources.isEmpty else { throw .emptyArchive }
        return sources
    }

    /// The content of a file.
    ///
    /// - Throws: ``FileFlaw``; what is in the file is not judged here.
    public static func read(_ path: String) throws(FileFlaw) -> [UInt8] {
        let manager = FileManager.default
        var isDirectory = false
        guard manager.fileExists(atPath: path, isDirectory: &isDirectory) else { throw .missing }
        guard !isDirectory else {
            throw (try? manager.contentsOfDirectory(atPath: path)) == nil ? .unlistable : .directory
        }
        guard let attributes = try? manager.attributesOfItem(atPath: path) else { throw .unreadable }
        guard attributes[.type] as? FileAttributeType == .typeRegular || resolvesToFile(path) else { throw .special }
        let limit = archiveExtensions.contains(ending(of: path)) ? ArchiveLimits.bytes : WorkflowLimits.fileBytes
        if let size = attributes[.size] as? UInt64, size > UInt64(limit) {
            throw .tooLarge(bytes: Int(clamping: size), limit: limit)
        }
        guard let data = manager.contents(atPath: path) else { throw .unreadable }
        guard data.count <= limit else { throw .tooLarge(bytes: data.count, limit: limit) }
        let bytes = [UInt8](data)
        guard !isBlank(bytes) else { throw .empty }
        guard bytes.starts(with: [0x50, 0x4B]) || isUTF8(bytes) else { throw .notText }
        return bytes
    }

    /// Whether there is nothing but white space, behind a mark of the byte order if there is one.
    public static func isBlank(_ bytes: [UInt8]) -> Bool {
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        return text.allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
    }

    private static func files(below directory: String) -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else { return [directory] }
        return names.sorted().filter { !$0.hasPrefix(".") }.flatMap { name -> [String] in
            let path = directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
            var isDirectory = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return [] }
            if isDirectory {
                // A link may lead back up.
                return (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) == nil
                    ? files(below: path) : []
            }
            return isCalledWorkflow(name) || archiveExtensions.contains(ending(of: name)) ? [path] : []
        }
    }

    /// Whether a file's name ends like that of a workflow file.
    static func isCalledWorkflow(_ name: String) -> Bool { extensions.contains(ending(of: name)) }

    /// What stands behind the last slash of a path.
    static func baseName(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    private static func ending(of name: String) -> String {
        name.split(separator: ".", omittingEmptySubsequences: false).last.map { $0.lowercased() } ?? ""
    }

    /// A symbolic link is as good as the file it leads to; a pipe or a device might never end.
    private static func resolvesToFile(_ path: String) -> Bool {
        guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { return false }
        let directory = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let resolved = target.hasPrefix("/") || directory.isEmpty ? target : "\(directory)/\(target)"
        let type = (try? FileManager.default.attributesOfItem(atPath: resolved))?[.type] as? FileAttributeType
        return type == .typeRegular
    }

    private static func isUTF8(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }
}

/// Why a file cannot be read at all.
public enum FileFlaw: Error, Sendable, Equatable {
    /// There is nothing at the path.
    case missing
    /// It is a directory, and no workflow file is in it.
    case directory
    /// It is a directory, and this process may not look into it.
    case unlistable
    /// It is neither a file nor a directory.
    case special
    /// This process may not read it.
    case unreadable
    /// It has no bytes, or nothing but white space.
    case empty
    /// It has more bytes than an import takes.
    case tooLarge(bytes: Int, limit: Int)
    /// It is not UTF-8.
    case notText
    /// It is an archive without a workflow file.
    case emptyArchive
    /// It is an archive that cannot be used.
    case archive(ArchiveFlaw)
}

extension FileFlaw: CustomStringConvertible {
    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .missing: "there is no such file; check the path"
        case .directory: "this is a directory without a *.json, *.yaml, *.yml or *.zip file; name another one, or files"
        case .unlistable: "permission denied: this directory cannot be listed; check its permissions"
        case .special: "this is neither a file nor a directory; save it as a file first"
        case .unreadable: "permission denied: the file cannot be read; check its permissions"
        case .empty: "the file is empty; export it again"
        case .tooLarge(let bytes, let limit):
            "the file has \(bytes) bytes, the limit is \(limit); export one workflow at a time"
        case .notText: "the file is not UTF-8 text; export it again as JSON or YAML"
        case .emptyArchive: "no *.json, *.yaml or *.yml file is in the archive; export it again"
        case .archive(let flaw): flaw.description
        }
    }
}
