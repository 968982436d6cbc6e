/// A list of numbers that mostly holds one: the first needs no memory of its own.
struct IndexList: Equatable {
    private var head = 0
    private var isFilled = false
    private var tail: [Int] = []

    /// A list without numbers.
    init() {}

    /// The numbers in their order.
    init(_ numbers: some Sequence<Int>) { for number in numbers { append(number) } }

    mutating func append(_ number: Int) {
        guard isFilled else {
            (head, isFilled) = (number, true)
            return
        }
        tail.append(number)
    }
}

extension IndexList: RandomAccessCollection {
    var startIndex: Int { 0 }
    var endIndex: Int { isFilled ? tail.count + 1 : 0 }
    subscript(_ position: Int) -> Int { position == 0 ? head : tail[position - 1] }
}
