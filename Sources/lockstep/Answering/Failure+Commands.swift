import EventSourcing

/// Why a command of any domain has no outcome.
protocol CommandFault: Error, CustomStringConvertible {
    /// The fault of the log, if it was one.
    var fault: StoreError? { get }
}

extension CommandError: CommandFault {
    var fault: StoreError? {
        switch self {
        case .store(let error): error
        case .rejected, .unreadable, .contended: nil
        }
    }
}

extension Failure {
    /// A fault of the log is one of the machine room; whatever else, the answer is no.
    init(command error: any CommandFault) {
        if let fault = error.fault {
            self.init(fault)
        } else {
            self.init(.no, describing: error.description, otherwise: "run the same command again")
        }
    }
}
