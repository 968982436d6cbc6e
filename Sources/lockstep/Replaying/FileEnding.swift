import EventModel
import EventSourcing
import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The end of a file that a replay has written, whole or torn.
struct FileEnding: Sendable, Equatable {
    /// Bytes up to and including the last line break.
    var wholeBytes: off_t
    /// The event of the last whole line; `nil` where there is none.
    var mark: ReplayMark?

    /// Every line begins like this, so that nothing that we have not written is cut off.
    private static let beginning = Array(#"{"position":"#.utf8)
    private static let chunkBytes: off_t = 1 << 16

    /// Reads the end of a file.
    ///
    /// - Throws: ``ReplayFault`` when what stands there is nothing that a replay writes.
    static func read(_ descriptor: Int32, size: off_t, path: String) throws(ReplayFault) -> FileEnding {
        let source = Source(descriptor: descriptor, path: path)
        let whole = try source.end(ofLineBefore: size) ?? 0
        let torn = try source.bytes(whole..<min(size, whole + off_t(beginning.count)))
        guard torn.elementsEqual(beginning.prefix(torn.count)) else { throw foreign(path) }
        guard whole > 0 else { return FileEnding(wholeBytes: 0) }
        let start = try source.end(ofLineBefore: whole - 1) ?? 0
        guard let value = try? JSONValue(try source.bytes(start..<whole - 1), limits: .file),
            let position = value["position"]?.int,
            let id = value["event_id"]?.string.flatMap({ UUID(uuidString: $0) })
        else { throw foreign(path) }
        return FileEnding(
            wholeBytes: whole, mark: ReplayMark(position: GlobalPosition(Int64(position)), eventID: id))
    }

    private static func foreign(_ path: String) -> ReplayFault {
        .refused(
            reason: "\(path) does not end with what a replay writes, so it was left as it is", cure: "name another file"
        )
    }

    /// The bytes of the file.
    private struct Source {
        let descriptor: Int32
        let path: String

        /// Where the last line break before `end` ends; `nil` when there is none.
        func end(ofLineBefore end: off_t) throws(ReplayFault) -> off_t? {
            var end = end
            while end > 0 {
                let start = max(0, end - FileEnding.chunkBytes)
                if let place = try bytes(start..<end).lastIndex(of: UInt8(ascii: "\n")) {
                    return start + off_t(place) + 1
                }
                end = start
            }
            return nil
        }

        func bytes(_ range: Range<off_t>) throws(ReplayFault) -> [UInt8] {
            let wanted = range.count
            let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { bytes, count in
                count = 0
                while count < wanted {
                    let place = bytes.baseAddress.map { $0 + count }
                    let got = pread(descriptor, place, wanted - count, range.lowerBound + off_t(count))
                    guard got > 0 else { return }
                    count += got
                }
            }
            guard bytes.count == wanted else {
                throw .unavailable(target: path, reason: String(cString: strerror(errno)))
            }
            return bytes
        }
    }
}
