import Ingest
import WorkflowDomain

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Standard input as one file.
enum StandardInput {
    /// The workflow files in it: itself, or those inside if it is an archive.
    static func sources() throws(FileFlaw) -> WorkflowSources {
        try WorkflowFiles.sources(in: try content(), named: "-")
    }

    /// Everything until its end.
    ///
    /// - Throws: ``FileFlaw`` when there is nothing, or more than ``WorkflowLimits/fileBytes``, or no text.
    static func content() throws(FileFlaw) -> [UInt8] {
        var content: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = part.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable }
            guard count > 0 else { break }
            content += part[..<count]
            guard content.count <= WorkflowLimits.fileBytes else {
                throw .tooLarge(bytes: content.count, limit: WorkflowLimits.fileBytes)
            }
        }
        guard !WorkflowFiles.isBlank(content) else { throw .empty }
        guard content.starts(with: [0x50, 0x4B]) || String(validating: content, as: UTF8.self) != nil else {
            throw .notText
        }
        return content
    }
}
