import Testing

@testable import lockstep

@Suite("The window of an appended file") struct AppendWindowTests {
    private typealias Window = AppendWindow<String, Int, String>

    @Test func `lines of different streams are under way together`() {
        var window = Window(limit: 4)
        #expect(window.take(10, of: "a")?.line == 10)
        #expect(window.take(11, of: "b")?.line == 11)
        #expect(window.room == 2)
    }

    @Test func `a line waits for the line before it of the same stream`() {
        var window = Window(limit: 4)
        #expect(window.take(10, of: "a")?.number == 1)
        #expect(window.take(11, of: "a") == nil)
        #expect(window.take(12, of: "a") == nil)
        #expect(window.finish(1, "first")?.line == 11)
        #expect(window.finish(2, "second")?.line == 12)
        #expect(window.finish(3, "third") == nil)
        #expect(window.take(13, of: "a")?.number == 4)
    }

    @Test func `answers come out in the order of the file`() {
        var window = Window(limit: 4)
        _ = window.take(10, of: "a")
        _ = window.take(11, of: "b")
        window.takeAnswered("refused")
        _ = window.finish(2, "second")
        #expect(window.takeAnswers() == [])
        _ = window.finish(1, "first")
        #expect(window.takeAnswers() == ["first", "second", "refused"])
        #expect(window.underWay == 0)
    }

    @Test func `the window is full until the oldest line is answered`() {
        var window = Window(limit: 2)
        _ = window.take(10, of: "a")
        _ = window.take(11, of: "b")
        _ = window.finish(2, "second")
        _ = window.takeAnswers()
        #expect(window.room == 0)
        _ = window.finish(1, "first")
        _ = window.takeAnswers()
        #expect(window.room == 2)
    }
}
