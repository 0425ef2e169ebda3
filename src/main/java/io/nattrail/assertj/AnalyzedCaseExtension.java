package io.nattrail.assertj;

import io.nattrail.analysis.CaseResult;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.function.Function;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestInstancePostProcessor;

/** Does what {@link AnalyzedCase} says. */
public final class AnalyzedCaseExtension implements ParameterResolver, TestInstancePostProcessor, BeforeAllCallback {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(AnalyzedCaseExtension.class);

    private final Function<Path, CaseResult> analysis;

    /** As JUnit makes it. */
    public AnalyzedCaseExtension() {
        this(CaptureCases::analyze);
    }

    AnalyzedCaseExtension(Function<Path, CaseResult> analysis) {
        this.analysis = analysis;
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.isAnnotated(AnalyzedCase.class);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        String path = parameter.findAnnotation(AnalyzedCase.class).orElseThrow().value();
        return value(path, parameter.getParameter().getType(), parameter.getParameter().toString(), context);
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IllegalAccessException {
        fill(null, context.getRequiredTestClass(), context);
    }

    @Override
    public void postProcessTestInstance(Object instance, ExtensionContext context) throws IllegalAccessException {
        fill(instance, instance.getClass(), context);
    }

    /** @param instance null for static fields */
    private void fill(Object instance, Class<?> type, ExtensionContext context) throws IllegalAccessException {
        for (Class<?> at = type; at != null && at != Object.class; at = at.getSuperclass()) {
            for (Field field : at.getDeclaredFields()) {
                AnalyzedCase wanted = field.getAnnotation(AnalyzedCase.class);
                if (wanted != null && Modifier.isStatic(field.getModifiers()) == (instance == null)) {
                    if (Modifier.isFinal(field.getModifiers())) {
                        throw new ExtensionConfigurationException("the field " + field + " is final and cannot be filled with a case");
                    }
                    field.setAccessible(true);
                    field.set(instance, value(wanted.value(), field.getType(), "field " + field, context));
                }
            }
        }
    }

    private Object value(String path, Class<?> type, String where, ExtensionContext context) {
        if (type != CaseResult.class && type != CaseAssert.class) {
            throw new ExtensionConfigurationException("@AnalyzedCase is on " + where + ", which is neither a CaseResult nor a CaseAssert");
        }
        CaseResult result = store(context).getOrComputeIfAbsent(path, key -> analysis.apply(CaptureCases.find(key)), CaseResult.class);
        return type == CaseResult.class ? result : new CaseAssert(result);
    }

    /** That of the outermost test class, so that nested classes share its cases. */
    private static ExtensionContext.Store store(ExtensionContext context) {
        ExtensionContext at = context;
        ExtensionContext ofClass = context;
        while (at.getParent().isPresent()) {
            if (at.getTestClass().isPresent()) {
                ofClass = at;
            }
            at = at.getParent().get();
        }
        return ofClass.getStore(NAMESPACE);
    }
}
