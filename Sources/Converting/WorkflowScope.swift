import Conversion
import WorkflowDomain

extension WorkflowFormat {
    /// What a definition in this format is taken for. A fragment is cut out of something larger: what it connects with and refers to may lie
    /// outside, which is no error of its own.
    public var scope: WorkflowValidation.Scope {
        switch self {
        case .yamlFragment: .fragment
        case .export, .apiV2, .state, .wrappedState, .legacyState, .serialized, .yaml: .whole
        }
    }
}
