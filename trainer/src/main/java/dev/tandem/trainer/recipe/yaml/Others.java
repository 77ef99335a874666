package dev.tandem.trainer.recipe.yaml;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The component of a record, a {@code Map<String, Object>}, that takes the keys which are no
 * component's own, such as the parameters of an environment beside its name. Whoever knows what
 * they mean checks them. It is written with {@code @JsonAnyGetter}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Others {
  /** The key that must have a word for others to be taken; empty to take them always. */
  String where() default "";
}
