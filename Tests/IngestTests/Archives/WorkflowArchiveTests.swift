import Foundation
import Ingest
import Testing
import WorkflowDomain

@Suite("Archives of workflows") struct WorkflowArchiveTests {
    private typealias File = ZipBuilder.File

    /// An export of a workspace as a packing program makes it: deflated files, a directory, a stored file and a comment.
    private static let workspace: [UInt8] = {
        let text = """
            UEsDBBQAAAAIAAAAgVzOFVENUQAAAFsAAAAPAAAAX3dvcmtzcGFjZS5qc29uq1Yqzy/KLi5ITE5VslKoVspLzAUxlIJLCwryi0qU
            dBSUUitArNQUxxKQhJGBkZmugYmugWGIgYEVGOkZGBhEKdUClabl56SkFhUD1UXH1gIAUEsDBBQAAAAIAAAAgVzpkTMUogEAAJMH
            AAALAAAAcmVmdW5kLmpzb26tlLFugzAQQH/F8pxEtjFpytZOHTpVnVp1MOGaoBJswdE0ivLvPScEaiVDKpCQxR3ndzz55D3/hqrO
            bckTLmeCTzj8OFshZA9IKSXUfCr0VMhXIZLjMxNCvFFdjQaBJ3ueFnb5VR/fhF/zjDamHoU7RxXcuJyC0mx88AKfTZmxGsExX+Ns
            neOx/57/8ERM+I7WA/Gb9LEju8puHHb0Nuw6FLZcTfPSNT73bYrGJ5+t/WIGWY6wYYIZ39Xs2HbtczXbVrSJbXNcU8WMH6ilbZAQ
            viEFUJq0AOqGVQMUp7KXk3/kVlDidT15qacWJ8HobnRDOdxQ9YbqJkN1aRjPT4Z3enRDPdww6g2jGwY0uvRb6JOflHJ0wfvhgroX
            1Dcdob5UlFK1jnox/pjOh0vGvWR8k2R8RVKLVnIRjy6p4oGSPpGtgL69tz8B/rKsbVMtobteTbUCPN9Hp29P1LfwFW3puarLt5sO
            kzNXBlwZcNUArgq4KuBGA7hRwI0Crh7A1QFXB9z4/9yPCc2Jde3pOlOZooCiDTeAJjNo/IgF40pzcfgFUEsDBBQAAAAAAAAAgVwA
            AAAAAAAAAAAAAAAIAAAAYmlsbGluZy9QSwMEFAAAAAAAAACBXEO/pqMCAAAAAgAAABQAAABiaWxsaW5nL19mb2xkZXIuanNvbnt9
            UEsDBBQAAAAIAAAAgVzRB4ZDTgEAAOQDAAAUAAAAYmlsbGluZy9pbnZvaWNlLmpzb26tkk1rwzAMhv+K8Tktdta1I7futMGOO23s
            4DQiNXVsYyv9oOS/T27TdKUMNloIJpJfvfIje8/XEKJ2lhdcjgXPOGy9CwjVHCmVi3w6EpORkO9CFIdvLIT4IF1EhcCLPS+NW6zi
            4U+kVVdUWCYr3HlScOU1BVY1KXi1a6cXwCKCZ0nkXdR4OMCeb3khMr6jtaMGbfk8WPvgGo+DfR8OLYyz9Uhb36bcWpk2Jd+cWzGF
            TCM0TDBlKxbVjm2WKRfZJlAR22hckmLMO2rpWiSL1JACsKo0QN0wtEBxKc908gddDRZ/4ZPXfPnTkfBhdndEeTtifkbM/4aYXyM+
            To+Is8ndESc3IqZEVQPtffZngPQGo2vDAoZnq0INeLrm494L9TVJ0UtPqiHfF3XZyVde+MoL3/z/vl8Zjcf5nsqroIwB04cNoKoU
            qjTZy0uigXTfUEsDBBQAAAAIAAAAgVzLM52iEAAAAA4AAAAJAAAAbm90ZXMudHh0y8svUUhUKM8vyk7LyS8HAFBLAQIUAxQAAAAI
            AAAAgVzOFVENUQAAAFsAAAAPAAAAAAAAAAAAAACAAQAAAABfd29ya3NwYWNlLmpzb25QSwECFAMUAAAACAAAAIFc6ZEzFKIBAACT
            BwAACwAAAAAAAAAAAAAAgAF+AAAAcmVmdW5kLmpzb25QSwECFAMUAAAAAAAAAIFcAAAAAAAAAAAAAAAACAAAAAAAAAAAAAAAgAFJ
            AgAAYmlsbGluZy9QSwECFAMUAAAAAAAAAIFcQ7+mowIAAAACAAAAFAAAAAAAAAAAAAAAgAFvAgAAYmlsbGluZy9fZm9sZGVyLmpz
            b25QSwECFAMUAAAACAAAAIFc0QeGQ04BAADkAwAAFAAAAAAAAAAAAAAAgAGjAgAAYmlsbGluZy9pbnZvaWNlLmpzb25QSwECFAMU
            AAAACAAAAIFcyzOdohAAAAAOAAAACQAAAAAAAAAAAAAAgAEjBAAAbm90ZXMudHh0UEsFBgAAAAAGAAYAZwEAAFoEAAAMAG1hZGUg
            YnkgaGFuZA==
            """
        return [UInt8](Data(base64Encoded: text, options: .ignoreUnknownCharacters) ?? Data())
    }()

    private static func workflow(_ name: String) -> [UInt8] {
        Array(#"{"blocks":{"a":{"type":"agent","name":"A"}},"edges":[],"metadata":{"name":"\#(name)"}}"#.utf8)
    }

    // MARK: Sound archives

    @Test func `every workflow inside is read, by path, with the name of its workspace`() throws {
        let sources = try WorkflowSource.sources(in: Self.workspace, named: "support.zip")
        #expect(sources.map(\.name) == ["support.zip/billing/invoice.json", "support.zip/refund.json"])
        #expect(sources.map(\.workspaceName) == ["Support", "Support"])
        let readings = try WorkflowSource.readings(of: sources).map { try $0.result.get() }
        #expect(
            readings.map(\.id.text) == ["invoice", "refund"]
                && readings.map(\.sourceName) == ["invoice.json", "refund.json"])
        #expect(readings.map(\.definition.counts.blocks) == [3, 6] && readings.map(\.format) == [.export, .export])
        #expect(readings[1].original == sources[1].bytes)
    }

    @Test func `a file that is no archive is a source by itself`() throws {
        let bytes = Self.workflow("W")
        #expect(
            try WorkflowSource.sources(in: bytes, named: "w.json").sources == [
                WorkflowSource(name: "w.json", bytes: bytes)
            ])
    }

    @Test func `what is not called a workflow, is hidden or was added by a system is passed over`() throws {
        let names = ["a.json", "x/b.YAML", "c.txt", ".d.json", "x/.y/e.json", "__MACOSX/a.json", "_folder.json", "zip"]
        let archive = ZipBuilder.archive(names.map { File($0, Self.workflow($0)) }, comment: Array("PK".utf8))
        #expect(try WorkflowSource.sources(in: archive, named: "z").map(\.name) == ["z/a.json", "z/x/b.YAML"])
    }

    @Test func `two workflows of one id are not taken for revisions of each other`() throws {
        let archive = ZipBuilder.archive([File("a/w.json", Self.workflow("W")), File("b/w.json", Self.workflow("W"))])
        let sources = try WorkflowSource.sources(in: archive, named: "z")
        let readings = WorkflowSource.readings(of: sources)
        #expect(throws: Never.self) { try readings[0].result.get() }
        let id = try #require(WorkflowID("w"))
        #expect(throws: ImportError.sameID(id, as: "z/a/w.json")) { try readings[1].result.get() }
        let chosen = WorkflowSource.readings(of: sources, chosenID: "mine")
        #expect(throws: ImportError.idForSeveral(count: 2)) { try chosen[0].result.get() }
    }

    @Test func `a file inside that is no workflow fails alone`() throws {
        let archive = ZipBuilder.archive([File("a.json", Array("[]".utf8)), File("b.json", Self.workflow("B"))])
        let readings = WorkflowSource.readings(of: try WorkflowSource.sources(in: archive, named: "z"))
        #expect(throws: ImportError.self) { try readings[0].result.get() }
        #expect(try readings[1].result.get().id.text == "b")
    }

    // MARK: Hostile archives

    @Test func `what would exhaust whoever unpacks it is refused before it is unpacked`() throws {
        func flaw(_ files: [File], claimedCount: Int? = nil) -> ArchiveFlaw? {
            let archive = ZipBuilder.archive(files, claimedCount: claimedCount)
            do throws(ArchiveFlaw) {
                _ = try WorkflowSource.sources(in: archive, named: "z")
                return nil
            } catch {
                return error
            }
        }
        var dense = File("a.json", [1, 2, 3, 4])
        dense.method = 8
        dense.claimedSize = 4 * ArchiveLimits.ratio + 4
        #expect(flaw([dense]) == .tooDense("a.json", ratio: ArchiveLimits.ratio + 1, limit: ArchiveLimits.ratio))
        var large = File("a.json", [1])
        large.claimedSize = ArchiveLimits.entryBytes + 1
        #expect(
            flaw([large])
                == .entryTooLarge("a.json", bytes: ArchiveLimits.entryBytes + 1, limit: ArchiveLimits.entryBytes))
        let many = ArchiveLimits.entries + 1
        #expect(
            flaw([File("a.json", [])], claimedCount: many)
                == .tooManyEntries(count: many, limit: ArchiveLimits.entries))
        let count = ArchiveLimits.unpackedBytes / ArchiveLimits.entryBytes + 1
        let packed = [UInt8](repeating: 0, count: ArchiveLimits.entryBytes / ArchiveLimits.ratio + 1)
        let wide = (0..<count).map { index -> File in
            var file = File("\(index).json", packed)
            file.method = 8
            file.claimedSize = ArchiveLimits.entryBytes
            return file
        }
        #expect(
            flaw(wide)
                == .unpacksTooLarge(bytes: count * ArchiveLimits.entryBytes, limit: ArchiveLimits.unpackedBytes))
        var second = File("b.json", [])
        second.offset = 0
        second.localName = Array("a.json".utf8)
        #expect(flaw([File("a.json", Self.workflow("A")), second]) == .overlapping("b.json"))
    }

    @Test func `what cannot be unpacked soundly is refused with the file's name`() throws {
        func flaw(_ change: (inout File) -> Void) -> ArchiveFlaw? {
            var file = File("a.json", Self.workflow("A"))
            change(&file)
            do throws(ArchiveFlaw) {
                _ = try WorkflowSource.sources(in: ZipBuilder.archive([file]), named: "z")
                return nil
            } catch {
                return error
            }
        }
        #expect(flaw { _ in } == nil)
        #expect(flaw { $0.flags = 1 } == .encrypted("a.json"))
        #expect(flaw { $0.method = 99 } == .encrypted("a.json"))
        #expect(flaw { $0.method = 12 } == .unsupportedMethod("a.json", 12))
        #expect(flaw { $0.checksum = 7 } == .damaged("a.json"))
        #expect(flaw { $0.localName = Array("b.json".utf8) } == .damaged("a.json"))
        #expect(flaw { $0.claimedSize = 3 } == .damaged("a.json"))
        #expect(flaw { $0.offset = 1_000_000 } == .damaged("a.json"))
        #expect(flaw { $0.method = 8 } == .damaged("a.json"))
        #expect(flaw { $0.offset = 0xFFFF_FFFF } == .unsupportedFormat)
        let twice = ZipBuilder.archive([File("a.json", [1]), File("a.json", [2])])
        #expect(throws: ArchiveFlaw.duplicate("a.json")) { try WorkflowSource.sources(in: twice, named: "z") }
        #expect(throws: ArchiveFlaw.notAnArchive) { try WorkflowSource.sources(in: Array("PK".utf8), named: "z") }
    }

    /// A stream of one block by the fixed code, another with a stored block, and streams that contradict themselves.
    @Test func `every kind of deflated block is unpacked, and nothing else`() throws {
        func unpack(_ packed: [UInt8], size: Int, of content: [UInt8]) throws -> [UInt8]? {
            var file = File("a.json", packed)
            file.method = 8
            file.claimedSize = size
            file.checksum = ZipBuilder.checksum(of: content)
            return try WorkflowSource.sources(in: ZipBuilder.archive([file]), named: "z").first?.bytes
        }
        let text = Array(#"{"blocks":{"a":{"type":"agent","name":"aaaaaaaaaaaaaaaaaaaaaaaa"}},"edges":[]}"#.utf8)
        let fixed = "q1ZKyslPzi5WsqpWSgQRJZUFqUpWSonpqXklSjpKeYm5YC4OoFRbq6OUmpKeCjQgOrYWAA=="
        let packed = [UInt8](Data(base64Encoded: fixed) ?? Data())
        #expect(try unpack(packed, size: text.count, of: text) == text)
        let stored: [UInt8] = [0b0, 3, 0, 0xFC, 0xFF, 1, 2, 3, 0b1, 1, 0, 0xFE, 0xFF, 4]
        #expect(try unpack(stored, size: 4, of: [1, 2, 3, 4]) == [1, 2, 3, 4])
        for length in packed.indices {
            #expect(throws: ArchiveFlaw.damaged("a.json")) {
                try unpack(Array(packed[..<length]), size: text.count, of: text)
            }
        }
        for (bytes, size) in [
            (packed, text.count + 1), (packed, text.count - 1), ([0b111], 0), ([0b1, 1, 0, 0, 0, 9], 1),
            ([0b0, 3, 0, 0xFC, 0xFF], 3), ([0x05, 0xFF, 0xFF, 0xFF, 0xFF], 9), ([0x4B, 0x04, 0x00], 2),
        ] as [([UInt8], Int)] {
            #expect(throws: ArchiveFlaw.damaged("a.json")) { try unpack(bytes, size: size, of: text) }
        }
    }

    @Test func `no altered or shortened archive traps, or yields other bytes`() throws {
        let whole = try WorkflowSource.sources(in: Self.workspace, named: "z")
        let known = Set(whole.map(\.bytes))
        for place in Self.workspace.indices {
            var altered = Self.workspace
            altered[place] ^= 1 << UInt8(place % 8)
            for source in (try? WorkflowSource.sources(in: altered, named: "z"))?.sources ?? [] where place > 1 {
                #expect(known.contains(source.bytes), "byte \(place)")
            }
            _ = try? WorkflowSource.sources(in: Array(Self.workspace[..<place]), named: "z")
        }
    }

    // MARK: Files

    @Test func `an archive on disk is as many sources as there are workflows in it`() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for (name, bytes) in [
            ("w.zip", Self.workspace), ("empty.zip", ZipBuilder.archive([])), ("bad.zip", [0x50, 0x4B]),
        ] {
            try Data(bytes).write(to: directory.appendingPathComponent(name))
        }
        let paths = WorkflowFiles.expand([directory.path])
        #expect(paths.map { $0.split(separator: "/").last } == ["bad.zip", "empty.zip", "w.zip"])
        #expect(try WorkflowFiles.sources(at: paths[2]).count == 2)
        #expect(throws: FileFlaw.emptyArchive) { try WorkflowFiles.sources(at: paths[1]) }
        #expect(throws: FileFlaw.archive(.notAnArchive)) { try WorkflowFiles.sources(at: paths[0]) }
    }

    @Test(arguments: [
        "../evil.json", "a/../../evil.json", "/etc/evil.json", "C:\\evil.json", "c:evil.json", "..\\evil.json",
        "\\evil.json", "a/..", "../", "tab\there.json", "nothing/../.hidden",
    ])
    func `a name that leads elsewhere is refused aloud`(_ name: String) throws {
        let archive = ZipBuilder.archive([File("good.json", Self.workflow("Good")), File(name, Self.workflow("Evil"))])
        #expect(throws: ArchiveFlaw.unsafeName(name)) { try WorkflowSource.sources(in: archive, named: "z") }
        #expect(!ArchiveFlaw.unsafeName(name).description.contains("\t"))
    }

    @Test(arguments: ["..a.json", "a..b/c.json", "x/y z.json", "über.json", "...json"])
    func `a strange name of a file inside is a name`(_ name: String) throws {
        let archive = ZipBuilder.archive([File(name, Self.workflow("W"))])
        let sources = try WorkflowSource.sources(in: archive, named: "z")
        #expect(sources.count + sources.passedOver.count == 1)
    }

    @Test func `what is passed over is counted and named`() throws {
        let names = ["a.json", "__MACOSX/._a.json", ".DS_Store", "x/readme.txt", "_workspace.json"]
        let archive = ZipBuilder.archive(names.map { File($0, Self.workflow("A")) })
        let sources = try WorkflowSource.sources(in: archive, named: "z")
        #expect(sources.map(\.name) == ["z/a.json"])
        #expect(sources.passedOver == [".DS_Store", "__MACOSX/._a.json", "x/readme.txt"])
        #expect(sources.remark?.hasPrefix("3 files of the archive") == true)
        #expect(sources.remark?.contains("x/readme.txt") == true)
        #expect(try WorkflowSource.sources(in: Self.workflow("A"), named: "w").remark == nil)
    }
}
